//! How things go without anybody's call: terms that are over, an account in arrears, spot machines that
//! are reclaimed.

use serde::{Deserialize, Serialize};

use super::Novita;
use super::endpoint;
use super::instance::{Instance, status};
use crate::style::Switch;

/// Why a thing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// The account owes money: an instance is frozen and removed, an endpoint or VM stopped, a storage
    /// released.
    Arrears,
    /// The paid term is over now: the instance is removed. A VM is destroyed.
    Term,
    /// The owner of a spot machine's node wants it back; a VM is interrupted.
    Spot,
}

impl Novita {
    /// Lets a thing go; false when it is not in the books.
    pub(crate) fn end(&mut self, id: &str, ending: Ending, now: u64) -> bool {
        let stays = self.platform.holds(Switch::ReclaimedStays, id);
        if let Some(instance) = self.instances.iter_mut().find(|it| it.id == id) {
            match ending {
                Ending::Spot => instance.reclaim(now, stays),
                Ending::Arrears => {
                    let [_, removing, removed] = status::REMOVING_WALK;
                    instance.walk(&[status::FREEZING, removing, removed], &self.pace);
                }
                Ending::Term => {
                    instance.end_time = i64::try_from(now).unwrap_or(i64::MAX);
                    instance.walk(&status::REMOVING_WALK, &self.pace);
                }
            }
            return true;
        }
        if let Some(endpoint) = self.endpoints.iter_mut().find(|it| it.id == id) {
            endpoint.walk(&[endpoint::status::STOPPED], &self.pace);
            return true;
        }
        self.remove_storage(id)
    }

    /// Removes monthly machines whose term is over, where the platform does.
    pub(super) fn end_terms(&mut self, now: u64) {
        let over = |it: &Instance| {
            it.is_monthly()
                && !it.auto_renew
                && u64::try_from(it.end_time).is_ok_and(|end| end <= now)
                && !status::is_leaving(&it.status)
        };
        let ids: Vec<String> = self.instances.iter().filter(|it| over(it)).map(|it| it.id.clone()).collect();
        for id in
            ids.iter().filter(|it| self.platform.holds(Switch::TermsEnd, it)).cloned().collect::<Vec<_>>()
        {
            self.end(&id, Ending::Term, now);
        }
    }
}
