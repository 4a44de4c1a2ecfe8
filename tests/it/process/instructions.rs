//! How many instructions the program takes, counted by valgrind: much the same on every machine and under any
//! load, so a regression shows where a measured time would only waver.
//!
//! The program of the tests is optimised less than a release, so the figures are guards and say nothing about
//! speed; `make bench` measures that. Whoever makes the program do more on purpose raises a bound here.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::launch::Launched;
use crate::options::Options;
use crate::proto::tfplugin6::get_provider_schema;
use crate::service::{GPU, World};

const MILLION: u64 = 1_000_000;
/// From start to end, with TLS and the schema. It takes two thirds of that.
const START: u64 = 100 * MILLION;
/// What the schemas take at least.
const SCHEMAS: u64 = 5 * MILLION;
/// For reading and planning one GPU instance. It takes four fifths of that.
const EACH: u64 = 9 * MILLION;

/// Where callgrind writes.
struct Count {
    folder: TempDir,
}

impl Count {
    fn new() -> Self {
        let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        assert!(
            found.is_ok_and(|it| it.success()),
            "valgrind is missing: install it (Debian and Ubuntu: apt-get install valgrind; Fedora: dnf install valgrind)"
        );
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("callgrind")
    }

    /// What was counted until the program ended.
    async fn until_the_end_of(&self, provider: Launched) -> u64 {
        let ended = provider.shut_down().await;
        assert!(ended.status.success(), "{ended:?}");
        let text = std::fs::read_to_string(self.file()).unwrap();
        let line = text.lines().find_map(|it| it.strip_prefix("summary: ").or(it.strip_prefix("totals: ")));
        line.unwrap().trim().parse().unwrap()
    }
}

/// Starts, tells the schemas, and ends.
async fn started_and_asked() -> u64 {
    let count = Count::new();
    let provider = Launched::start_with(Options::default().counted(count.file())).await;
    let schema = provider.client().get_provider_schema(get_provider_schema::Request {}).await;
    assert_eq!(schema.unwrap().into_inner().diagnostics, []);
    count.until_the_end_of(provider).await
}

#[tokio::test]
async fn starting_and_telling_the_schema_takes_few_instructions() {
    let taken = started_and_asked().await;
    assert!(taken <= START, "{taken} instructions");
}

/// Of the processes of a command, a client asks only one for the schemas.
#[tokio::test]
async fn who_is_not_asked_for_the_schemas_does_not_make_them() {
    let count = Count::new();
    let provider = Launched::start_with(Options::default().counted(count.file())).await;
    let unasked = count.until_the_end_of(provider).await;
    assert!(started_and_asked().await - unasked > SCHEMAS, "{unasked} instructions");
}

/// Reads and plans a machine so many times, as for so many machines.
async fn refreshed(times: u64) -> u64 {
    let count = Count::new();
    let world = World::launched(Options::default().counted(count.file())).await;
    let resource = world.of(&GPU);
    let config = resource.least(&json!({}));
    let object = resource.create(&config).await;
    for _ in 0..times {
        assert_eq!(resource.read(&object).await.object(), object);
        assert!(resource.plan(&config, Some(&object)).await.is_empty());
    }
    count.until_the_end_of(world.provider).await
}

#[tokio::test]
async fn each_machine_of_an_estate_takes_as_few_instructions_as_the_one_before() {
    let [none, some, more] = [refreshed(0).await, refreshed(20).await, refreshed(60).await];
    let (first, later) = ((some - none) / 20, (more - some) / 40);
    assert!(first <= EACH, "{first} instructions");
    assert!(later <= first + first / 4, "{first} instructions, and {later} when there are more");
}
