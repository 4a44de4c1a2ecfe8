//! Faults at each await point: of a machine that is a file in a folder, and that takes a while.

#![cfg(test)]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tfplugin::prelude::*;
use tfplugin::testing::Client;

/// Where the machines are.
#[derive(Model)]
#[tf(settings)]
struct Settings {
    /// Folder of the machines.
    #[tf(required)]
    folder: Attr<String>,
}

struct Cloud {
    folder: PathBuf,
    made: AtomicU64,
}

impl ProviderData for Cloud {}

impl Cloud {
    fn file(&self, id: &Attr<String>) -> PathBuf {
        self.folder.join(id.text_or_empty())
    }
}

/// A call: nothing has happened before it is awaited once.
async fn call(file: PathBuf, size: i64) {
    tokio::task::yield_now().await;
    fs::write(file, size.to_string()).unwrap();
}

/// A machine.
#[derive(Clone, Model)]
struct Machine {
    /// Identifier.
    #[tf(computed)]
    id: Attr<String>,
    /// Size. A larger one takes more seconds.
    #[tf(required, via = "Changing it resizes the machine.")]
    size: Attr<i64>,
}

/// What an author may get wrong.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    SavesAfterWaiting,
    StopsCreating,
    DeletesNothing,
}

/// The life of a machine, with a mistake or without.
struct Life<const MISTAKE: usize>;

const MISTAKES: [(&str, Mistake); 4] = [
    ("cloud_machine", Mistake::None),
    ("cloud_late", Mistake::SavesAfterWaiting),
    ("cloud_hasty", Mistake::StopsCreating),
    ("cloud_lazy", Mistake::DeletesNothing),
];

impl<const MISTAKE: usize> Life<MISTAKE> {
    fn makes(mistake: Mistake) -> bool {
        MISTAKES[MISTAKE].1 == mistake
    }
}

impl<const MISTAKE: usize> Resource for Life<MISTAKE> {
    type Model = Machine;
    type Data = Cloud;
    const TYPE: &'static str = MISTAKES[MISTAKE].0;
    const TIMEOUTS: Option<Timeouts> = None;

    async fn create(cx: &Context<Cloud>, mut plan: Machine, writer: &StateWriter<Machine>) -> Result<()> {
        plan.id = format!("m-{}", cx.data.made.fetch_add(1, Ordering::Relaxed)).into();
        // On its way once it is spawned, whether or not somebody waits for the answer.
        let size = plan.size.known().copied().unwrap();
        let call = tokio::spawn(call(cx.data.file(&plan.id), size));
        match Self::makes(Mistake::StopsCreating) {
            true => cx.until_stopped(call).await?.unwrap(),
            false => call.await.unwrap(),
        }
        if !Self::makes(Mistake::SavesAfterWaiting) {
            writer.save(&plan);
        }
        let wait = tokio::time::sleep(Duration::from_secs(size.unsigned_abs()));
        match Self::makes(Mistake::SavesAfterWaiting) {
            true => wait.await,
            false => cx.until_stopped(wait).await?,
        }
        writer.save(&plan);
        Ok(())
    }

    async fn read(cx: &Context<Cloud>, state: Machine) -> Result<Option<Machine>> {
        let size = fs::read_to_string(cx.data.file(&state.id)).ok();
        Ok(size.map(|it| Machine { size: it.parse::<i64>().unwrap().into(), ..state }))
    }

    async fn update(
        cx: &Context<Cloud>,
        changes: Changes<Machine>,
        writer: &StateWriter<Machine>,
    ) -> Result<()> {
        let Changes { planned, .. } = changes;
        cx.until_stopped(tokio::time::sleep(Duration::from_secs(60))).await?;
        call(cx.data.file(&planned.id), planned.size.known().copied().unwrap()).await;
        writer.save(&planned);
        Ok(())
    }

    async fn delete(cx: &Context<Cloud>, state: Machine) -> Result<()> {
        tokio::task::yield_now().await;
        if !Self::makes(Mistake::DeletesNothing) {
            let _ = fs::remove_file(cx.data.file(&state.id));
        }
        Ok(())
    }
}

struct Machines;

impl Provider for Machines {
    type Config = Settings;
    type Data = Cloud;
    const ADDRESSES: &'static [&'static str] = &["example/cloud"];

    fn resources() -> Vec<Box<dyn DynResource<Cloud>>> {
        vec![resource::<Life<0>>(), resource::<Life<1>>(), resource::<Life<2>>(), resource::<Life<3>>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<Cloud> {
        Ok(Cloud { folder: settings.folder.text_or_empty().into(), made: AtomicU64::new(1) })
    }
}

/// Tries an apply of this type under every fault; how many await points there were.
async fn tried(type_name: &str, config: &Json, prior: Option<&Json>) -> usize {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let client = Client::<Machines>::configured(&json!({ "folder": folder.path() }));
    let exists = || {
        let files = folder.path().read_dir().unwrap();
        files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    };
    client.faults(type_name, config, prior, &exists).await
}

#[tokio::test(start_paused = true)]
async fn a_careful_resource_loses_nothing_under_any_fault() {
    let (small, large) = (json!({ "size": 1 }), json!({ "size": 2 }));
    assert_eq!(
        tried("cloud_machine", &small, None).await,
        3,
        "at the start, in the call, and while it waits"
    );
    assert_eq!(tried("cloud_machine", &large, Some(&small)).await, 3);
    assert_eq!(tried("cloud_machine", &Json::Null, Some(&small)).await, 2);
}

#[tokio::test]
async fn it_strikes_on_a_clock_that_runs_as_well() {
    assert_eq!(tried("cloud_machine", &Json::Null, Some(&json!({ "size": 0 }))).await, 2);
}

#[tokio::test(start_paused = true)]
#[should_panic(
    expected = "panic at await point 2 of the creation of a cloud_late: [\"m-12\"] exists and is not in the state"
)]
async fn an_id_that_is_saved_after_a_second_await_is_found() {
    tried("cloud_late", &json!({ "size": 1 }), None).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "of the creation of a cloud_hasty: [\"m-1\"] is left")]
async fn a_creating_call_that_a_stop_cuts_off_is_found() {
    tried("cloud_hasty", &json!({ "size": 1 }), None).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "[\"m-1\"] exists and is not in the state")]
async fn what_a_deletion_leaves_is_found() {
    tried("cloud_lazy", &Json::Null, Some(&json!({ "size": 1 }))).await;
}
