//! Monthly billing: change to it, prolong it, renew it by itself. There is no way back.

use serde_json::Value;

use super::create::MONTH;
use super::parse::{elements, number, text};
use super::{Instance, status};
use crate::answer::{Answer, Refusal, Result};
use crate::novita::Novita;
use crate::novita::style::Actions;

impl Novita {
    pub(crate) fn renew(&mut self, body: &Value) -> Result<Answer> {
        let (id, month) = (text(body, "instanceId"), number(body, "month")?);
        let instance = self.existing(&id)?;
        check_monthly(instance)?;
        check_created(instance)?;
        instance.month = instance.month.saturating_add(month);
        instance.end_time = instance.end_time.saturating_add(seconds(month));
        Ok(self.done(&id, "", Actions::Object))
    }

    pub(crate) fn change_to_monthly(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let (id, month) = (text(body, "instanceId"), number(body, "month")?);
        let product = self.existing(&id)?.product_id.clone();
        let possible = self
            .products
            .iter()
            .any(|it| it.id == product && it.billing_methods.iter().any(|method| method == "monthly"));
        let instance = self.existing(&id)?;
        if instance.billing_mode != "onDemand" || !possible {
            return Err(unsupported(
                "only a pay-as-you-go instance of a product with monthly prices can change",
            ));
        }
        check_created(instance)?;
        instance.billing_mode = "monthly".to_owned();
        instance.month = month;
        instance.end_time = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(seconds(month));
        Ok(self.done(&id, "", Actions::Object))
    }

    /// All instances are looked at before the first one is changed.
    pub(crate) fn set_auto_renew(&mut self, body: &Value) -> Result<Answer> {
        let ids: Vec<String> =
            elements(&body["instanceIds"]).filter_map(Value::as_str).map(str::to_owned).collect();
        let month = number(body, "autoRenewMonth")?;
        for id in &ids {
            check_monthly(self.existing(id)?)?;
        }
        for id in &ids {
            let instance = self.existing(id)?;
            instance.auto_renew = body["autoRenew"] == Value::Bool(true);
            instance.auto_renew_month = month;
        }
        Ok(self.done(ids.first().map_or("", String::as_str), "", Actions::Object))
    }
}

fn check_monthly(instance: &Instance) -> Result<()> {
    if instance.is_monthly() { Ok(()) } else { Err(unsupported("the instance is not billed monthly")) }
}

fn check_created(instance: &Instance) -> Result<()> {
    if status::is_creation(&instance.status) {
        let text = "the instance is still being created";
        return Err(Refusal::new(400, "CREATING_INSTANCE_NOT_SUPPORT_RENEWAL", text));
    }
    Ok(())
}

fn unsupported(text: &str) -> Refusal {
    Refusal::new(400, "UNSUPPORTED_BILLING_MODE", text)
}

fn seconds(months: u64) -> i64 {
    i64::try_from(months.saturating_mul(MONTH)).unwrap_or(i64::MAX)
}
