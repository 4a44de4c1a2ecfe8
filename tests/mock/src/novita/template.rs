//! Templates: create, get, list, update, delete. Their settings are kept as they were sent; nothing is made from one.

use serde_json::{Value, json};

use super::Novita;
use super::instance::parse::{elements, text};
use crate::answer::{Answer, Call, Refusal, Result};
use crate::novita::style::Gone;
use crate::record::patch;
use crate::style::{Subject, Thing, fill, written_id};

/// A template, with its settings in the names of the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub id: String,
    pub created_at: u64,
    pub settings: Value,
}

impl Novita {
    pub(super) fn create_template(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let settings = self.read_template(body)?;
        let id = self.new_id();
        let id = self.object_id(format!("tpl-{}", &id[..12]));
        let answer = Answer::json(200, &json!({"templateId": written_id(&self.platform, &id)}));
        self.templates.push(Template { id, created_at: now, settings });
        self.created.companion += 1;
        Ok(answer)
    }

    pub(super) fn get_template(&self, call: &Call) -> Answer {
        let id = call.parameter("templateId").unwrap_or_default();
        match (self.templates.iter().find(|it| it.id == id), self.style.gone) {
            (Some(found), _) => Answer::json(200, &json!({"template": self.show_template(found)})),
            (None, Gone::EmptyObject) => Answer::json(200, &json!({"template": {}})),
            (None, _) => self.gone("TEMPLATE_NOT_FOUND", "template not found"),
        }
    }

    /// Those that fit the filters, of which `channel` may be given several times.
    pub(super) fn list_templates(&self, call: &Call) -> Answer {
        let channels: Vec<_> =
            call.query.iter().filter(|(name, _)| name == "channel").map(|(_, it)| it).collect();
        let fits = |it: &&Template| {
            let setting = |name: &str| text(&it.settings, name);
            (channels.is_empty() || channels.contains(&&setting("channel")))
                && call.parameter("type").is_none_or(|wanted| wanted == setting("type"))
                && self.matches(call, "name", &setting("name"))
        };
        let fitting: Vec<&Template> = self.templates.iter().filter(fits).collect();
        let page = self.page(call, "pageNum", &fitting);
        let items = page.iter().map(|it| self.show_template(it)).collect();
        let mut body = json!({"template": self.items(items), "pageSize": page.len(), "pageNum": 0});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, fitting.len(), page.len()));
        }
        Answer::json(200, &body)
    }

    /// Replaces all settings. The vendor documents no such call, and a client of its own makes it.
    pub(super) fn update_template(&mut self, body: &Value) -> Result<Answer> {
        let mut settings = self.read_template(body)?;
        let id = text(&settings, "Id");
        settings.as_object_mut().map(|it| it.remove("Id"));
        let template = self.templates.iter_mut().find(|it| it.id == id).ok_or_else(unknown)?;
        template.settings = settings;
        Ok(Answer::json(200, &json!({"templateId": written_id(&self.platform, &id)})))
    }

    pub(super) fn delete_template(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "templateId");
        let at = self.templates.iter().position(|it| it.id == id).ok_or_else(unknown)?;
        self.templates.remove(at);
        Ok(Answer::json(200, &json!({"templateId": written_id(&self.platform, &id)})))
    }

    fn read_template(&self, body: &Value) -> Result<Value> {
        let settings = body["template"].clone();
        let ports = elements(&settings["ports"]).flat_map(|it| elements(&it["ports"]));
        let mut numbers: Vec<u64> = ports.filter_map(Value::as_u64).collect();
        numbers.sort_unstable();
        if numbers.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Refusal::field("ports", "a port is listed twice"));
        }
        if !self.knows_auth(&text(&settings, "imageAuth")) {
            return Err(Refusal::field("imageAuth", "there are no such credentials"));
        }
        Ok(settings)
    }

    /// Settings that were left out are shown as empty ones.
    fn show_template(&self, it: &Template) -> Value {
        let mut shown = json!({
            "Id": it.id, "user": "u-77", "logo": "", "tools": [], "createTime": it.created_at.to_string(),
            "readme": "", "imageAuth": "", "startCommand": "", "entrypoint": "", "ports": [], "envs": [],
            "minCudaVersion": "",
        });
        patch(&mut shown, it.settings.clone());
        for list in ["ports", "envs"] {
            // Last one first: the order is not promised.
            shown[list].as_array_mut().into_iter().for_each(|it| it.reverse());
        }
        fill(&self.platform, &mut shown, Subject { thing: Thing::Template, id: &it.id, fresh: false });
        shown
    }
}

fn unknown() -> Refusal {
    Refusal::new(400, "TEMPLATE_NOT_FOUND", "template not found")
}
