//! How a GPU instance is paid for: the rules between `billing_mode`, `month` and automatic renewal.
//!
//! The API knows one way in place, from pay-as-you-go to monthly. Everything else is another machine,
//! and a prepaid one cannot be given back before its term.

use tfplugin::attr::Attr;
use tfplugin::model::StringEnum as _;
use tfplugin::resource::{Plan, Rules};

use crate::provider::catalogue::BillingMode;
use crate::provider::novita::instance::gpu::Gpu;

/// What the mode is after an answer. Only one change of it can have happened elsewhere, in the vendor's console; any
/// other difference is another way of telling the same.
pub(crate) fn read_back(known: Attr<BillingMode>, answer: Option<BillingMode>) -> Attr<BillingMode> {
    match (known, answer) {
        (Attr::Known(BillingMode::OnDemand), Some(BillingMode::Monthly)) => BillingMode::Monthly.into(),
        (Attr::Known(known), _) => known.into(),
        (Attr::Null | Attr::Unknown, answer) => Attr::from_option(answer),
    }
}

/// Rules that need no look at what exists.
pub(crate) fn validate(rules: &mut Rules, gpu: &Gpu) {
    let months = gpu.month.known().copied().unwrap_or(0);
    let mode = gpu.billing_mode.known().copied();
    if let Some(mode) = mode.filter(|it| months > 0 && *it != BillingMode::Monthly) {
        let fault = format!(
            "With `month` above 0 the billing is monthly, not `{}`: set `billing_mode = \"monthly\"`, leave it out, \
             or leave `month` out.",
            mode.as_str()
        );
        rules.reject("billing_mode", fault);
    }
    let renews = gpu.auto_renew.known() == Some(&true);
    if renews && mode.is_some_and(|it| it != BillingMode::Monthly) {
        rules.reject("auto_renew", "Only monthly billing can be renewed automatically: set `month`.");
    }
    if gpu.auto_renew_month.is_set() && !renews && !gpu.auto_renew.is_unknown() {
        rules.reject(
            "auto_renew_month",
            "It has a meaning only together with `auto_renew = true`: set that too.",
        );
    }
}

/// Plans the mode, and refuses what no call can bring about.
pub(crate) fn plan(plan: &mut Plan<Gpu>) {
    if plan.config.billing_mode.is_null() {
        plan.planned.billing_mode = implied_mode(plan);
    }
    match &plan.prior {
        None => plan_new(plan),
        Some(prior) => plan_change(plan, prior.billing_mode, prior.month.known().copied().unwrap_or(0)),
    }
    let renews = plan.planned.auto_renew.known() == Some(&true);
    if renews && plan.planned.billing_mode.known().is_some_and(|it| *it != BillingMode::Monthly) {
        plan.reject(
            "auto_renew",
            "Automatic renewal needs monthly billing",
            "`auto_renew` is not allowed: the instance is not billed monthly. Set `month`, or take `auto_renew` out.",
        );
    }
}

/// The mode when none is configured: what `month` makes it, else what it was.
fn implied_mode(plan: &Plan<Gpu>) -> Attr<BillingMode> {
    let before = plan.prior.as_ref().map(|it| (it.billing_mode, it.month.known().copied().unwrap_or(0)));
    match (plan.planned.month, before) {
        (Attr::Known(months), _) if months > 0 => Attr::Known(BillingMode::Monthly),
        (Attr::Known(_) | Attr::Null, None) => Attr::Known(BillingMode::OnDemand),
        (Attr::Known(_) | Attr::Null, Some((_, months))) if months > 0 => Attr::Known(BillingMode::OnDemand),
        (Attr::Known(_) | Attr::Null, Some((mode, _))) => mode,
        (Attr::Unknown, Some((mode @ Attr::Known(BillingMode::Monthly), 0))) => mode, // no number of months ends it
        (Attr::Unknown, _) => Attr::Unknown,
    }
}

fn plan_new(plan: &mut Plan<Gpu>) {
    let monthly = plan.planned.billing_mode.known() == Some(&BillingMode::Monthly);
    if monthly && has_no_months(plan) {
        plan.reject("billing_mode", "Monthly billing needs a number of months", MONTHS_NEEDED);
    }
}

const MONTHS_NEEDED: &str =
    "`billing_mode = \"monthly\"` is not allowed without `month`: set `month` to at least 1.";

fn has_no_months(plan: &Plan<Gpu>) -> bool {
    !plan.planned.month.is_unknown() && plan.planned.month.known().is_none_or(|it| *it == 0)
}

fn plan_change(plan: &mut Plan<Gpu>, mode: Attr<BillingMode>, months: i64) {
    let made_monthly_elsewhere = mode.known() == Some(&BillingMode::Monthly) && months == 0;
    if made_monthly_elsewhere && plan.planned.billing_mode.known() == Some(&BillingMode::OnDemand) {
        plan.planned.billing_mode = mode; // clients accept the state's value for "this is no change"
        plan.warn("billing_mode", "Instance is billed monthly", MADE_MONTHLY_ELSEWHERE);
    }
    let planned = plan.planned.billing_mode;
    if planned != mode && !mode.is_null() {
        match (mode.known(), planned.known()) {
            (Some(BillingMode::OnDemand), Some(BillingMode::Monthly)) if has_no_months(plan) => {
                plan.reject("billing_mode", "Monthly billing needs a number of months", MONTHS_NEEDED);
            }
            (Some(BillingMode::OnDemand), Some(BillingMode::Monthly)) => {} // transToMonthlyInstance
            (Some(BillingMode::OnDemand), None) if plan.config.billing_mode.is_null() => {} // the same, perhaps
            // The attribute that the user changed is the one to name.
            _ if plan.config.billing_mode.is_null() => plan.replace.push("month"),
            _ => plan.replace.push("billing_mode"),
        }
    }
    let changed = plan.planned.month.known().is_some_and(|it| *it > 0 && *it != months);
    if months > 0 && changed && mode.known() == Some(&BillingMode::Monthly) {
        plan.reject(
            "month",
            "Term of a prepaid instance cannot be changed",
            "A new value of `month` is not allowed on a monthly instance. Set it back; to make the term longer, \
             set `auto_renew = true`, or renew the instance in the vendor's console, which needs no change here.",
        );
    }
}

const MADE_MONTHLY_ELSEWHERE: &str = "The configuration has `onDemand`, but the instance is paid for in advance until \
     `end_time`: it was changed outside of this configuration, and no call changes it back. It is kept as it is. Set \
     `month` or `billing_mode = \"monthly\"` to agree with it.";

/// What a user should know before a monthly instance is removed.
pub(crate) const PREPAID: &str = "The instance is paid for in advance and the API refuses to remove it before the \
     end of its term (`end_time`). Until then the destroy that this plan needs will fail, and nothing is refunded.";
