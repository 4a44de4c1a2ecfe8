//! `novita_renew_instance`: pays a prepaid instance for more months.

use std::time::Duration;

use tfplugin::action::{Action, Progress};
use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::{Model, StringEnum as _};
use tfplugin::path::Path;
use tfplugin::resource::{Result, Rules};

use super::{failed, refused};
use crate::provider::catalogue::BillingMode;
use crate::provider::clients::{Clients, Cx};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::instance::answer::moment;
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::reject_instance_id;

/// Extend the term of a prepaid (`monthly`) instance of Novita AI by a number of months.
///
/// **It is charged immediately and cannot be undone.** Each run extends the term again: do not bind it to an event
/// that happens more often than you want to pay. The request is never repeated after an unclear response.
///
/// Vendor documentation: [Renew instance](https://novita.ai/docs/api-reference/gpu-instance-renewal-instance).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct RenewInstance {
    /// ID of the instance (`novita_gpu_instance`).
    #[tf(required)]
    instance_id: Attr<String>,
    /// Number of months to pay for.
    #[tf(required, range = 1..=12)]
    months: Attr<i64>,
}

impl Action for RenewInstance {
    type Data = Clients;

    const TYPE: &'static str = "novita_renew_instance";

    fn validate(&self, rules: &mut Rules) {
        reject_instance_id(rules, &self.instance_id);
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(5 * 60)
    }

    async fn plan(_: &Cx, config: Self) -> Diagnostics {
        let months = config.months.known().map_or_else(|| "some months".to_owned(), months);
        let detail =
            format!("It pays for {months} more, at once, each time that it runs. Nothing leads back.");
        Diagnostic::warning("Renewal costs money", detail).at(Path::root("months")).into()
    }

    async fn invoke(cx: &Cx, config: Self, progress: &Progress) -> Result<()> {
        let remote = Gpu::remote(cx)?;
        let id = config.instance_id.text_or_empty();
        let instance = remote.existing(id, "instance_id").await?;
        if !instance.billing().eq_ignore_ascii_case(BillingMode::Monthly.as_str()) {
            let detail = format!(
                "The instance {id} is billed as `{}`, and only a prepaid one can be renewed. To prepay it, set `month` on it.",
                instance.billing()
            );
            return Err(refused("Instance is not prepaid", detail));
        }
        let before = end(&instance.end_time);
        progress.tell(format!("The instance is paid for until {before}."));
        let count = config.months.known().copied().unwrap_or(1);
        let sent = calls::renew(remote.client, &remote.call, id, count).await;
        let costs = format!(
            "The renewal may have been paid for: look at the instance's end, which was {before}, before you run it again."
        );
        sent.map_err(|error| failed("renew the instance", &costs, &error))?;
        let after = match remote.get(id).await {
            Ok(seen) => end(&seen.end_time),
            Err(_) => "a later time, which could not be read".to_owned(),
        };
        progress.tell(format!("It is paid for {} more, until {after}.", months(&count)));
        Ok(())
    }
}

fn months(count: &i64) -> String {
    if *count == 1 { "1 month".to_owned() } else { format!("{count} months") }
}

fn end(text: &str) -> String {
    moment(text).unwrap_or_else(|| "a time that the API does not return".to_owned())
}
