//! The suite for the real APIs (`make testacc`, `make sweep`), here on the mock: what it rents, what it
//! refuses to rent, and that it sweeps up what is its own and nothing else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mock_cloud::{AnswerStyle, Effect, Fault, MockCloud, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use testacc::{Account, Kind, Settings};

use super::{below_base, fills_in, on_every_cli};
use crate::cli::Cli;

/// An account with strangers in it, whose names nearly look like ours.
struct Scene {
    cloud: MockCloud,
    directory: TempDir,
    settings: Settings,
    strangers: Vec<String>,
}

impl Scene {
    fn new(cli: &Cli) -> Self {
        Self::with(cli, AnswerStyle::default())
    }

    fn with(cli: &Cli, style: AnswerStyle) -> Self {
        let cloud = MockCloud::start(Options { style, ..fills_in() });
        let directory = tempfile::tempdir().expect("a directory for notes");
        let account = |url: String, key: &str| {
            Some(Account { base_url: url.parse().expect("an address"), key: key.to_owned() })
        };
        let settings = Settings {
            novita: account(cloud.novita_url(), cloud.api_key()),
            novacloud: account(cloud.novacloud_url(), cloud.novacloud_api_key()),
            kinds: Kind::ALL.to_vec(),
            max_hourly_price: 0.5,
            endpoint_product: "SL-serverless-3".to_owned(),
            vm_template: 101,
            image: "docker.io/library/ubuntu:24.04".to_owned(),
            directory: directory.path().join("notes"),
            cli: cli.program().to_owned(),
            provider: PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-novita")),
            provider_lines: "  poll_interval = \"20ms\"\n  max_requests_per_minute = 0\n".to_owned(),
            pause: Duration::from_millis(1),
        };
        let instance = |name| cloud.seed_instance(json!({"kind": "gpu", "name": name})).expect("an instance");
        let mut strangers: Vec<String> =
            ["tf-accident", "my-tf-acc-1", "TF-ACC-1", "tf-20260101-000000-abcd6789"].map(instance).to_vec();
        strangers.push(cloud.seed_endpoint(json!({"name": "tf-llm"})).expect("an endpoint"));
        strangers.push(cloud.seed_vm(json!({})).expect("a VM"));
        strangers.sort();
        Self { cloud, directory, settings, strangers }
    }

    fn run(&self) -> (bool, String) {
        let mut out = Vec::new();
        let good = testacc::run(&self.settings, &mut out).expect("the suite runs");
        (good, String::from_utf8(out).expect("a report is text"))
    }

    fn sweep(&self) -> (bool, String) {
        let mut out = Vec::new();
        let clean = testacc::sweep(&self.settings, &mut out).expect("the sweeper runs");
        (clean, String::from_utf8(out).expect("a report is text"))
    }

    fn alive(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.cloud.alive().into_iter().map(|it| it.id).collect();
        ids.sort();
        ids
    }

    #[track_caller]
    fn assert_only_strangers(&self, report: &str) {
        assert_eq!(self.alive(), self.strangers, "{report}");
    }

    /// The bodies of the calls that rent something.
    fn rented(&self) -> Vec<Value> {
        let requests = self.cloud.requests();
        let creates = requests.iter().filter(|it| {
            let path = below_base(&it.path);
            it.method == "POST" && (path.ends_with("/create") || path.ends_with("/vms"))
        });
        creates.map(|it| it.body.clone().unwrap_or_default()).collect()
    }

    /// A note of an earlier run: the VMs of others, and the VM that its state names.
    fn note(&self, run: &str, others: &[&str], made: Option<&str>) -> PathBuf {
        let folder = self.settings.directory.join(run);
        std::fs::create_dir_all(folder.join("vm")).expect("a folder of a run");
        write(&folder.join("vm/others.json"), &json!(others));
        if let Some(id) = made {
            let instances = json!([{"attributes": {"id": id}}]);
            let vm = json!({"mode": "managed", "type": "novacloud_vm", "name": "it", "instances": instances});
            write(&folder.join("vm/terraform.tfstate"), &json!({"version": 4, "resources": [vm]}));
        }
        folder
    }
}

fn write(path: &Path, value: &Value) {
    std::fs::write(path, value.to_string()).expect("a note is written");
}

#[test]
fn the_cheapest_of_each_lives_and_nothing_is_left() {
    on_every_cli(|cli| {
        let scene = Scene::new(cli);
        let (good, report) = scene.run();
        assert!(good, "{report}");
        scene.assert_only_strangers(&report);
        let rented = scene.rented();
        assert_eq!(rented.len(), 4, "{report}");
        assert_eq!(rented[0]["endpoint"]["workerConfig"]["minNum"], 0);
        assert_eq!(
            (&rented[1]["productId"], &rented[2]["productId"]),
            (&json!("cpu.4c8g"), &json!("3090.12c30g"))
        );
        assert_eq!((&rented[3]["node"], &rented[3]["gpu_type"]), (&json!("vm01"), &json!("4090")));
        for named in [&rented[0]["endpoint"]["name"], &rented[1]["name"], &rented[2]["name"]] {
            assert!(named.as_str().is_some_and(|it| it.starts_with(testacc::PREFIX)), "{named}");
        }
        let notes = std::fs::read_dir(&scene.settings.directory).expect("the directory of notes");
        assert_eq!(notes.count(), 0, "a note is left\n{report}");
        assert!(scene.directory.path().exists());
    });
}

#[test]
fn what_costs_more_than_the_cap_is_not_rented() {
    on_every_cli(|cli| {
        let mut scene = Scene::new(cli);
        scene.settings.max_hourly_price = 0.19;
        let (good, report) = scene.run();
        assert!(!good, "{report}");
        let rented = scene.rented();
        let products: Vec<&Value> = rented.iter().map(|it| &it["productId"]).collect();
        assert_eq!(
            products,
            [&Value::Null, &json!("cpu.4c8g")],
            "only the endpoint and the CPU instance\n{report}"
        );
        assert!(report.contains("0.2 USD per hour, more than the cap of 0.19"), "{report}");
        scene.assert_only_strangers(&report);
    });
}

#[test]
fn what_turns_out_dearer_than_the_catalogue_said_is_given_back() {
    on_every_cli(|cli| {
        let mut scene = Scene::new(cli);
        // The offer is for the GPU alone, and the disk comes on top.
        (scene.settings.kinds, scene.settings.max_hourly_price) = (vec![Kind::Vm], 0.4);
        let (good, report) = scene.run();
        assert!(!good && report.contains("FAILED: price"), "{report}");
        assert_eq!(scene.rented().len(), 1, "{report}");
        scene.assert_only_strangers(&report);
    });
}

#[test]
fn a_failure_in_the_middle_still_sweeps() {
    on_every_cli(|cli| {
        let scene = Scene::new(cli);
        let refuse = |method: &str, path: &str| {
            let (reason, message) = ("INTERNAL".to_owned(), "no".to_owned());
            Fault::new(method, path, Effect::Status { code: 400, reason, message })
        };
        // A change fails, and so does what the provider then does to destroy each of them.
        scene.cloud.faults().push(refuse("POST", "/gpu/instance/upgrade").always());
        scene.cloud.faults().push(refuse("POST", "/gpu/instance/delete").times(2));
        scene.cloud.faults().push(refuse("POST", "/endpoint/delete"));
        scene.cloud.faults().push(refuse("POST", "/stop").always());
        let (good, report) = scene.run();
        assert!(!good, "{report}");
        for said in [
            "FAILED: change",
            "FAILED: destroy",
            "sweep: removed instance tf-acc-",
            "sweep: removed endpoint",
        ] {
            assert!(report.contains(said), "{said}\n{report}");
        }
        assert_eq!(scene.rented().len(), 4, "one failure is no reason to skip the others\n{report}");
        scene.assert_only_strangers(&report);
    });
}

#[test]
fn the_sweeper_removes_what_bears_the_prefix_or_is_noted_and_nothing_else() {
    let cli = &Cli::all()[0];
    for style in [AnswerStyle::default(), AnswerStyle::loosest()] {
        sweeps_its_own(&Scene::with(cli, style));
    }
}

fn sweeps_its_own(scene: &Scene) {
    let stranger = scene.cloud.alive().into_iter().find(|it| it.kind == "vm").expect("a stranger's VM").id;
    for name in ["tf-acc-1-gpu", "tf-acc-2-cpu"] {
        scene.cloud.seed_instance(json!({"kind": "cpu", "name": name})).expect("a leftover");
    }
    scene.cloud.seed_endpoint(json!({"name": "tf-acc-1-endpoint"})).expect("a leftover");
    let ours = scene.cloud.seed_vm(json!({})).expect("a leftover");
    let noted = scene.note("1", &[&stranger], Some(&ours));
    // A state that names what was there before must be wrong.
    let wrong = scene.note("2", &[&stranger, &ours], Some(&stranger));

    let (clean, report) = scene.sweep();
    assert!(clean, "{report}");
    scene.assert_only_strangers(&report);
    assert!(!noted.exists() && !wrong.exists(), "{report}");
    assert_eq!(report.matches("removed").count(), 4, "{report}");
    let (clean, report) = scene.sweep();
    assert!(clean && report.trim() == "sweep: nothing is left", "{report}");
}

#[test]
fn a_vm_that_may_be_a_strangers_is_reported_and_stays() {
    let cli = &Cli::all()[0];
    let mut scene = Scene::new(cli);
    let stranger = scene.cloud.alive().into_iter().find(|it| it.kind == "vm").expect("a stranger's VM").id;
    let nobodys = scene.cloud.seed_vm(json!({})).expect("a VM that appeared meanwhile");
    let note = scene.note("1", &[&stranger], None);
    let (clean, report) = scene.sweep();
    assert!(!clean && report.contains(&nobodys) && !report.contains(&stranger), "{report}");
    assert!(scene.alive().contains(&nobodys) && note.exists(), "{report}");

    // Without that vendor's key nothing can be said about it.
    let account = scene.settings.novacloud.take();
    let (clean, report) = scene.sweep();
    assert!(!clean && report.contains("NOVACLOUD_API_KEY") && note.exists(), "{report}");

    scene.settings.novacloud = account;
    assert!(scene.cloud.remove_vm(&nobodys));
    let (clean, report) = scene.sweep();
    assert!(clean && !note.exists(), "{report}");
    scene.assert_only_strangers(&report);
}

#[test]
fn a_list_that_cannot_be_had_is_no_clean_account() {
    let cli = &Cli::all()[0];
    let scene = Scene::new(cli);
    scene.cloud.seed_instance(json!({"kind": "gpu", "name": "tf-acc-1-gpu"})).expect("a leftover");
    scene
        .cloud
        .faults()
        .push(Fault::new("GET", "/endpoints", Effect::Http5xx { code: 503, html: true }).always());
    let (clean, report) = scene.sweep();
    assert!(!clean && report.contains("/endpoints: HTTP 503") && report.contains("make sweep"), "{report}");
    scene.cloud.faults().clear();
    let (clean, report) = scene.sweep();
    assert!(clean, "{report}");
    scene.assert_only_strangers(&report);
}
