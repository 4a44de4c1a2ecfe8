//! Reading back (rules R1 to R7).

use bytes::Bytes;
use mock_cloud::{Actions, AnswerStyle, Effect, Gone, When};
use serde_json::{Value, json};

use super::resource::Object;
use super::said::text_of;
use super::subject::{CPU, Call, ENDPOINT, GPU, SUBJECTS, VM};
use super::world::{World, cloud_options};

#[tokio::test]
async fn r1_what_is_gone_is_null_without_an_error_in_every_form_that_says_so() {
    for subject in SUBJECTS {
        let world = World::start().await;
        for gone in [Gone::Reason, Gone::Http404, Gone::EmptyObject, Gone::Null] {
            let object = world.of(subject).create(&(subject.least)()).await;
            world.cloud.with_novita(|it| it.style.gone = gone);
            assert!((subject.remove)(&world.cloud, object.id()));
            let read = world.of(subject).read(&object).await;
            assert_eq!((read.state, read.said), (Value::Null, vec![]), "{gone:?}");
        }
    }
}

#[tokio::test]
async fn r2_a_failed_look_is_an_error_and_keeps_the_state() {
    let status = |code: u16, reason: &str| Effect::Status {
        code,
        reason: reason.to_owned(),
        message: "no".to_owned(),
    };
    let failures = [
        ("401", status(401, "UNAUTHORIZED")),
        ("403", status(403, "FORBIDDEN")),
        ("404 of the path", status(404, "API_NOT_FOUND")),
        ("429", Effect::Http429 { retry_after: Some("1000".to_owned()) }),
        ("500", Effect::Http5xx { code: 500, html: false }),
        ("502", Effect::Http5xx { code: 502, html: true }),
        ("503", Effect::Http5xx { code: 503, html: true }),
        ("504", Effect::Http5xx { code: 504, html: false }),
        ("garbage", Effect::Garbage),
        ("another shape", raw(200, "[1, 2]")),
        ("a wrong field", raw(200, r#"{"id": {"a": 1}}"#)),
        ("a page", raw(200, "<html>log in</html>")),
        ("a redirect", raw(302, "")),
        ("a cut connection", Effect::Drop(When::Before)),
        ("a lost answer", Effect::Drop(When::After)),
        ("a hang", Effect::Hang(When::Before)),
    ];
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        for (what, effect) in &failures {
            if *what == "404 of the path" && !subject.names_what_is_missing {
                continue;
            }
            world.impatient_with(effect).await;
            world.fault(subject.get.with(effect.clone()).always());
            let read = resource.read(&object).await;
            assert!(read.said.iter().any(|it| it.is_error), "{what} is no error: {}", read.state);
            assert_eq!(read.left(), object, "{what}");
            world.cloud.faults().clear();
        }
        assert_eq!(resource.read(&object).await.object(), object);
    }
}

fn raw(code: u16, body: &str) -> Effect {
    Effect::Raw { code, content_type: "application/json".to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn r2_a_passing_failure_is_not_seen() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        for effect in [
            Effect::Http429 { retry_after: Some("0".to_owned()) },
            Effect::Http5xx { code: 503, html: true },
            Effect::Garbage,
            Effect::Drop(When::After),
        ] {
            world.fault(subject.get.with(effect).times(2));
            assert_eq!(resource.read(&object).await.object(), object);
        }
    }
}

#[tokio::test]
async fn r3_the_bytes_beside_the_state_are_sent_back() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        let imported = resource.imported(object.id()).await;
        assert!(!imported.private.is_empty(), "what was told, and what was not, is remembered");
        let again = resource.read(&imported).await.object();
        assert_eq!(again.private, imported.private);
        let failing = subject.get.with(Effect::Http5xx { code: 500, html: false });
        world.fault(failing);
        assert_eq!(resource.read(&imported).await.private, imported.private);
    }
}

/// Answers in each loose form that was seen or is possible, one switch at a time and all at once.
fn styles() -> Vec<(&'static str, AnswerStyle)> {
    let with = |change: fn(&mut AnswerStyle)| {
        let mut style = AnswerStyle::default();
        change(&mut style);
        style
    };
    vec![
        ("usual", AnswerStyle::default()),
        ("node as an object", with(|it| it.node_as_object = true)),
        ("null lists", with(|it| it.null_lists = true)),
        ("empty billing mode", with(|it| it.empty_billing_mode = true)),
        ("get without product", with(|it| it.get_without_product = true)),
        ("plain numbers", with(|it| it.plain_numbers = true)),
        ("a tool's port as a number", with(|it| it.tool_port_as_number = true)),
        ("no extra fields", with(|it| it.extra_fields = false)),
        ("the platform's variables", with(|it| it.platform_envs = true)),
        ("no platform ports", with(|it| it.platform_ports = false)),
        ("empty actions", with(|it| it.actions = Actions::Empty)),
        ("small actions", with(|it| it.actions = Actions::Small)),
        ("errors without a reason", with(|it| it.errors_without_reason = true)),
        ("loosest", AnswerStyle::loosest()),
    ]
}

#[tokio::test]
async fn r4_a_read_right_after_a_change_shows_no_drift_in_any_form_of_the_answers() {
    for subject in SUBJECTS {
        // The styles are those of one vendor's answers; its two kinds of instances share a decoder.
        let styles = match subject.type_name {
            "novacloud_vm" => vec![("usual", AnswerStyle::default())],
            "novita_cpu_instance" => vec![("loosest", AnswerStyle::loosest())],
            _ => styles(),
        };
        for (what, style) in styles {
            let world = World::with(mock_cloud::Options { style, ..cloud_options() }).await;
            let resource = world.of(subject);
            let least = ["usual", "loosest"].contains(&what).then_some((subject.least)());
            for config in least.into_iter().chain([(subject.full)()]) {
                let object = resource.create(&config).await;
                assert_eq!(object.state["status"], subject.statuses.1, "{what}");
                resource.assert_settled(&config, &object).await;
                let changed = super::patched(&config, &(subject.slow_change.0)());
                let object = resource.settle(&changed, Some(&object)).await.object();
                resource.assert_settled(&changed, &object).await;
                let gone = resource.destroy(&object).await;
                assert_eq!((gone.state, text_of(&gone.said)), (Value::Null, String::new()), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn r6_what_the_api_does_not_return_is_kept() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource
        .created(&json!({"min_cuda_version": "12.4", "image_auth": "me:hunter2", "month": 0,
            "wait_for_ready": true, "timeouts": {"create": "1h"}}))
        .await;
    let read = resource.read(&object).await.object();
    for name in ["min_cuda_version", "image_auth", "month", "wait_for_ready", "timeouts", "hourly_price"] {
        assert_eq!(read.state[name], object.state[name], "{name}");
        assert_ne!(read.state[name], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn r7_a_machine_that_is_being_removed_is_gone_and_one_that_is_stopped_is_not() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for status in subject.leaving {
            let object = resource.create(&(subject.least)()).await;
            world.cloud.set_status(object.id(), status);
            let read = resource.read(&object).await;
            assert_eq!((read.state, read.said), (Value::Null, vec![]), "{status}");
        }
        for status in subject.staying {
            let object = resource.create(&(subject.least)()).await;
            world.cloud.set_status(object.id(), status);
            assert_eq!(resource.read(&object).await.object().state["status"], *status);
        }
    }
}

#[tokio::test]
async fn demand_09_a_refresh_of_many_is_a_few_lists() {
    for (subject, list) in [(&ENDPOINT, "/endpoints"), (&VM, "/vms"), (&CPU, "/gpu/instances")] {
        let world = World::start().await;
        let resource = world.of(subject);
        let mut objects = Vec::new();
        for _ in 0..120 {
            objects.push(resource.create(&(subject.least)()).await);
        }
        // A process of its own, as a refresh is: what the lists of the creations have told ends with them.
        assert_eq!(world.configure(&json!({})).await, []);
        world.cloud.clear_log();
        for object in &objects {
            assert_eq!(resource.read(object).await.object(), *object);
        }
        let requests = world.cloud.requests();
        let lists = requests.iter().filter(|it| Call("GET", list).is(it)).count();
        let gets = requests.len() - lists;
        assert!(gets <= 20 && (1..=5).contains(&lists), "{}: {gets} gets, {lists} lists", subject.type_name);

        let (changed, gone) = (&objects[40], &objects[80]);
        world.cloud.set_status(changed.id(), subject.staying[0]);
        assert!((subject.remove)(&world.cloud, gone.id()));
        // A configuration of its own: what lists have told ends with it.
        assert_eq!(world.configure(&json!({})).await, []);
        for object in &objects {
            let read = resource.read(object).await;
            if object == gone {
                assert_eq!(read.state, Value::Null);
            } else if object == changed {
                assert_eq!(read.object().state["status"], subject.staying[0]);
            } else {
                assert_eq!(read.object(), *object);
            }
        }
    }
}

#[tokio::test]
async fn a_start_that_a_list_tells_is_looked_at_for_its_new_login() {
    let world = World::start().await;
    let resource = world.of(&CPU);
    let mut objects = Vec::new();
    for _ in 0..30 {
        objects.push(resource.create(&(CPU.least)()).await);
    }
    let restarted = objects[25].clone();
    let again = json!({"lastStartedAt": super::world::START + 7_000, "sshPassword": "hunter2-again"});
    world.cloud.modify_instance(restarted.id(), again).unwrap();
    // A password alone changes by no call; a list cannot tell.
    let alone = json!({"sshPassword": "hunter2-alone"});
    world.cloud.modify_instance(objects[26].id(), alone).unwrap();
    assert_eq!(world.configure(&json!({})).await, []);
    for object in &objects {
        let read = resource.read(object).await.object();
        match *object == restarted {
            true => assert_eq!(read.state["ssh_password"], "hunter2-again"),
            false => assert_eq!(read, *object),
        }
    }
    // A state of before knows no start: each is looked at.
    let forgotten: Vec<_> = objects.iter().map(|it| Object { private: Bytes::new(), ..it.clone() }).collect();
    assert_eq!(world.configure(&json!({})).await, []);
    world.cloud.clear_log();
    for object in &forgotten {
        resource.read(object).await.object();
    }
    assert!(world.count(CPU.get) >= 30);
}

#[tokio::test]
async fn demand_16_a_spot_machine_that_was_taken_back_is_planned_anew() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let config = resource.least(&json!({"billing_mode": "spot"}));
    let mut object = resource.create(&config).await;
    assert_eq!(object.state["spot_status"], "running");
    world.fault(GPU.get.with(Effect::SpotReclaim));
    let mut seen = Vec::new();
    loop {
        let read = resource.read(&object).await;
        assert!(read.said.iter().all(|it| !it.is_error), "a machine that is taken back is no error");
        if read.state.is_null() {
            break;
        }
        object = read.left();
        seen.push(object.state["spot_status"].clone());
        assert!(seen.len() < 30, "it never goes: {seen:?}");
    }
    assert!(seen.contains(&json!("notified")), "{seen:?}");
    let plan = resource.plan(&config, None).await.accepted();
    assert!(!plan.is_empty());
}
