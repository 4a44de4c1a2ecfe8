//! Changes behind the API by id alone, whatever kind of thing it is.

use serde_json::{Value, json};

use crate::core::Core;
use crate::novita::ending::Ending;

impl Core {
    /// The whole record of a thing.
    pub(crate) fn record(&mut self, id: &str) -> Option<Value> {
        self.catch_up();
        let instance = self.novita.instance_record(id).or_else(|| self.novita.endpoint_record(id));
        let storage = || self.novita.storages.iter().find(|it| it.storage_id == id).map(|it| json!(it));
        instance.or_else(storage).or_else(|| self.novacloud.record(id))
    }

    /// Puts a thing of this kind into the books; answers its id.
    pub(crate) fn seed(&mut self, kind: &str, mut record: Value) -> Result<Value, String> {
        let now = self.time.now();
        let id = match kind {
            "gpu" | "cpu" => {
                if let Some(members) = record.as_object_mut() {
                    members.insert("kind".to_owned(), json!(kind));
                }
                self.novita.seed_instance(record, now)
            }
            "endpoint" => self.novita.seed_endpoint(record, now),
            "vm" => self.novacloud.seed(record, now),
            _ => Err("kind must be gpu, cpu, endpoint or vm".to_owned()),
        };
        Ok(json!({"id": id?}))
    }

    /// Changes members of a thing's record; lists are replaced as a whole.
    pub(crate) fn modify(&mut self, id: &str, patch: Value) -> Result<Value, String> {
        if self.novita.instance_record(id).is_some() {
            self.novita.modify_instance(id, patch)?;
        } else if self.novita.endpoint_record(id).is_some() {
            self.novita.modify_endpoint(id, patch)?;
        } else if self.novacloud.record(id).is_some() {
            self.novacloud.modify(id, patch)?;
        } else {
            self.novita.modify_storage(id, patch)?;
        }
        Ok(Value::Null)
    }

    /// Puts a thing into a status, in which it stays; false when it is not in the books.
    pub(crate) fn set_status(&mut self, id: &str, status: &str) -> bool {
        let now = self.time.now();
        self.novita.set_status(id, status) || self.novacloud.set_status(id, status, now)
    }

    /// Takes a thing out of the books at once; false when it is not in them.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.novita.remove_instance(id)
            || self.novita.remove_endpoint(id)
            || self.novita.remove_storage(id)
            || self.novacloud.remove(id)
    }

    /// Lets a thing go without a call, for this reason; false when it is not in the books.
    pub(crate) fn end(&mut self, id: &str, ending: Ending) -> bool {
        let now = self.time.now();
        self.novita.end(id, ending, now) || self.novacloud.end(id, ending, now)
    }

    /// Takes all hardware of a product or a node out of the stock; false when there is none.
    pub(crate) fn sell_out(&mut self, id: &str) -> bool {
        self.novita.sell_out(id) || self.novacloud.sell_out(id)
    }

    /// Takes a product or a node out of the catalogue; false when there is none.
    pub(crate) fn withdraw(&mut self, id: &str) -> bool {
        self.novita.withdraw(id) || self.novacloud.withdraw(id)
    }
}
