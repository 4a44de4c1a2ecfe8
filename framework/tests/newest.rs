//! The testing kit, over a list resource, an action and an ephemeral resource: of lamps that are files in a folder.

#![cfg(test)]

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;
use tfplugin::prelude::*;
use tfplugin::testing::Client;

/// Where the lamps are.
#[derive(Model)]
#[tf(settings)]
struct Settings {
    /// Folder of the lamps.
    #[tf(required)]
    folder: Attr<String>,
}

struct House(PathBuf);

impl ProviderData for House {}

/// A lamp.
#[derive(Model)]
struct Lamp {
    /// Name of the file.
    #[tf(computed, identity)]
    id: Attr<String>,
    /// How bright it is.
    #[tf(required, via = "Changing it dims the lamp.")]
    watts: Attr<i64>,
}

impl House {
    fn dim(&self, id: &str, watts: i64) -> Result<()> {
        let broken = |it: std::io::Error| Diagnostic::error("The lamp is broken", it.to_string());
        Ok(fs::write(self.0.join(id), watts.to_string()).map_err(broken)?)
    }
}

impl Resource for Lamp {
    type Model = Self;
    type Data = House;
    const TYPE: &'static str = "house_lamp";

    async fn create(cx: &Context<House>, mut lamp: Self, writer: &StateWriter<Self>) -> Result<()> {
        lamp.id = format!("lamp-{}", lamp.watts.known().unwrap()).into();
        cx.data.dim(lamp.id.text_or_empty(), *lamp.watts.known().unwrap())?;
        writer.save(&lamp);
        Ok(())
    }

    async fn read(cx: &Context<House>, lamp: Self) -> Result<Option<Self>> {
        let watts = fs::read_to_string(cx.data.0.join(lamp.id.text_or_empty())).ok();
        Ok(watts.map(|it| Self { watts: it.parse::<i64>().unwrap().into(), ..lamp }))
    }

    async fn update(cx: &Context<House>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        Self::create(cx, changes.planned, writer).await
    }

    async fn delete(cx: &Context<House>, lamp: Self) -> Result<()> {
        let _ = fs::remove_file(cx.data.0.join(lamp.id.text_or_empty()));
        Ok(())
    }
}

/// The lamps.
#[derive(Model)]
#[tf(settings)]
struct Lamps {
    /// Only those whose names end so.
    #[tf(optional, len = 1..=9)]
    suffix: Attr<String>,
}

impl ListResource for Lamps {
    type Resource = Lamp;

    async fn list(cx: &Context<House>, config: Self, listing: &Listing) -> Result<()> {
        let failed = |it: std::io::Error| Diagnostic::error("No folder", it.to_string());
        for entry in fs::read_dir(&cx.data.0).map_err(failed)? {
            let id = entry.map_err(failed)?.file_name().into_string().unwrap();
            if id.ends_with(config.suffix.text_or_empty()) && listing.found(&id, &id).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Blinks.
#[derive(Model)]
#[tf(settings)]
struct Blink {
    /// Name of the lamp.
    #[tf(required)]
    id: Attr<String>,
}

impl Action for Blink {
    type Data = House;
    const TYPE: &'static str = "house_blink";

    async fn plan(_: &Context<House>, config: Self) -> Diagnostics {
        match config.id.text() {
            Some("sun") => Diagnostic::error("No lamp", "The sun does not blink.").into(),
            _ => Diagnostics::default(),
        }
    }

    async fn invoke(cx: &Context<House>, config: Self, progress: &Progress) -> Result<()> {
        for watts in [0, 60] {
            cx.data.dim(config.id.text_or_empty(), watts)?;
            progress.tell(format!("{watts} W"));
        }
        Ok(())
    }
}

/// A key of the house.
#[derive(Model)]
#[tf(settings)]
struct Key {
    /// Its file.
    #[tf(computed)]
    file: Attr<String>,
}

impl EphemeralResource for Key {
    type Data = House;
    const TYPE: &'static str = "house_key";

    async fn open(cx: &Context<House>, _: Self) -> Result<Opened<Self>> {
        cx.data.dim("key", 0)?;
        let value = Self { file: "key".to_owned().into() };
        Ok(Opened { value, lease: Some(Lease { id: "key".into(), renew_at: None }) })
    }

    async fn close(cx: &Context<House>, lease: serde_json::Value) -> Result<()> {
        let _ = fs::remove_file(cx.data.0.join(lease.as_str().unwrap()));
        Ok(())
    }
}

struct Houses;

impl Provider for Houses {
    type Config = Settings;
    type Data = House;
    const ADDRESSES: &'static [&'static str] = &["example/house"];

    fn resources() -> Vec<Box<dyn DynResource<House>>> {
        vec![resource::<Lamp>()]
    }

    fn list_resources() -> Vec<Box<dyn DynListResource<House>>> {
        vec![list_resource::<Lamps>()]
    }

    fn actions() -> Vec<Box<dyn DynAction<House>>> {
        vec![action::<Blink>()]
    }

    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<House>>> {
        vec![ephemeral_resource::<Key>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<House> {
        Ok(House(settings.folder.text_or_empty().into()))
    }
}

fn house() -> (Client<Houses>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Client::configured(&json!({ "folder": folder.path() })), folder)
}

#[tokio::test]
async fn a_list_tells_the_objects_as_they_are_read() {
    let (client, folder) = house();
    let made = client.apply("house_lamp", &json!({ "watts": 40 }), None).await;
    client.apply("house_lamp", &json!({ "watts": 75 }), None).await;
    assert_eq!(client.list("house_lamp", &json!({})).await.len(), 2);
    let [found] = &client.list("house_lamp", &json!({ "suffix": "-40" })).await[..] else {
        panic!("one lamp is wanted")
    };
    assert_eq!((found.name.as_str(), found.identity.get("id").as_str()), ("lamp-40", Some("lamp-40")));
    assert!(found.object.as_ref().unwrap().get("watts") == made.state.get("watts"));
    let told = client.try_list("house_lamp", &json!({ "suffix": "" })).await.unwrap_err();
    assert_eq!(told.0[0].summary, "Invalid attribute value");
    folder.close().unwrap();
    let told = client.try_list("house_lamp", &json!({})).await.unwrap_err();
    assert_eq!(told.0[0].summary, "No folder");
}

#[tokio::test]
async fn an_action_tells_its_progress_or_why_it_was_not_done() {
    let (client, folder) = house();
    assert_eq!(client.invoke("house_blink", &json!({ "id": "lamp-60" })).await, ["0 W", "60 W"]);
    let told = client.try_invoke("house_blink", &json!({ "id": "sun" })).await.unwrap_err();
    assert_eq!(told.0[0].summary, "No lamp");
    assert!(client.try_invoke("house_blink", &json!({})).await.is_err());
    folder.close().unwrap();
    let told = client.try_invoke("house_blink", &json!({ "id": "lamp-60" })).await.unwrap_err();
    assert_eq!(told.0[0].summary, "The lamp is broken");
}

#[tokio::test]
async fn what_an_ephemeral_resource_opens_is_given_back() {
    let (client, folder) = house();
    assert_eq!(client.open("house_key", &json!({})).await.get("file").as_str(), Some("key"));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    folder.close().unwrap();
    assert!(client.try_open("house_key", &json!({})).await.is_err());
}

#[test]
fn the_schemas_have_no_fault() {
    assert_eq!(Client::<Houses>::lint(), [""; 0]);
}
