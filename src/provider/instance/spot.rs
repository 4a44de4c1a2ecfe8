//! What is told of a spot instance that the platform takes back.
//!
//! Such an instance runs on for a while, so it stays in the state; once it is gone it is planned anew
//! like any other. What the API shows in between is a guess of its documentation's four words.

use crate::provider::clients::Cx;
use crate::provider::instance::calls::Instance;
use crate::provider::instance::calls::answer::moment;

/// Warns of an instance that will go, and when.
pub(crate) fn warn_if_reclaimed(cx: &Cx, instance: &Instance) {
    if let Some(detail) = notice(instance) {
        cx.warn("Spot instance is being taken back", detail);
    }
}

fn notice(instance: &Instance) -> Option<String> {
    if !instance.is_reclaimed() {
        return None;
    }
    let (id, status) = (&instance.id, &instance.spot_status);
    let when = moment(&instance.spot_reclaim_time).map(|it| format!(" at {it}")).unwrap_or_default();
    Some(format!(
        "The platform takes the hardware of the instance {id} back{when} (spot status `{status}`). Save what is only on \
         its disk. It stays in the state until it is gone; the next plan then makes another one. With \
         `billing_mode = \"onDemand\"` an instance is kept."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(spot_status: &str, spot_reclaim_time: &str) -> Instance {
        Instance {
            id: "i-1".to_owned(),
            spot_status: spot_status.to_owned(),
            spot_reclaim_time: spot_reclaim_time.to_owned(),
            ..Instance::default()
        }
    }

    #[test]
    fn demand_16_what_comes_and_when_is_told() {
        let notified = notice(&instance("notified", "1767225660")).unwrap();
        assert!(notified.contains("i-1 back at 2026-01-01T00:01:00Z"), "{notified}");
        for time in ["", "0", "soon"] {
            let reclaiming = notice(&instance("reclaiming", time)).unwrap();
            assert!(reclaiming.contains("i-1 back (spot status `reclaiming`)"), "{reclaiming}");
        }
        assert!(notice(&instance("terminated", "0")).is_some());
    }

    #[test]
    fn what_runs_on_is_not_warned_of() {
        for status in ["", "running", "a new one"] {
            assert_eq!(notice(&instance(status, "1767225660")), None, "{status}");
        }
    }
}
