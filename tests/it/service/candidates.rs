//! Lists of candidates: the first that can be had is made, of each at most one create call is sent, and what was made is
//! left alone as long as its list has it.

use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::resource::{Object, Resource};
use super::said::text_of;
use super::subject::{CPU, GPU, Subject, VM};
use super::world::World;

/// A resource with a list of candidates.
struct Listed {
    subject: &'static Subject,
    one: &'static str,
    many: &'static str,
    candidates: [&'static str; 3],
    /// So many of the candidates can be had.
    usable: usize,
}

const LISTED: [Listed; 4] = [
    Listed {
        subject: &GPU,
        one: "product_id",
        many: "product_ids",
        candidates: ["5090.20c94g", "4090.16c62g", "a100.24c180g"],
        usable: 3,
    },
    Listed {
        subject: &GPU,
        one: "cluster_id",
        many: "cluster_ids",
        candidates: ["us-dallas-nas-2", "7", "us-dallas-nas-9"],
        usable: 2,
    },
    Listed {
        subject: &CPU,
        one: "product_id",
        many: "product_ids",
        candidates: ["cpu.16c64g", "cpu.4c8g", "cpu.64c256g"],
        usable: 2,
    },
    Listed { subject: &VM, one: "node", many: "nodes", candidates: ["vm02", "vm03", "vm01"], usable: 3 },
];

impl Listed {
    /// The least of the resource, with these candidates in place of one choice.
    fn config(&self, resource: &Resource<'_>, candidates: &[&str], more: &Value) -> Value {
        let mut config = resource.least(more);
        config[self.one] = Value::Null;
        config[self.many] = json!(candidates);
        config
    }

    /// What the create calls so far have asked for.
    fn asked(&self, world: &World) -> Vec<String> {
        let requests = world.cloud.requests();
        let creates = requests.iter().filter(|it| self.subject.create.is(it));
        let wire = match self.one {
            "product_id" => "productId",
            "cluster_id" => "clusterId",
            _ => "node",
        };
        let text = |body: &Value| body[wire].as_str().map(str::to_owned);
        creates.filter_map(|it| it.body.as_ref().and_then(text)).collect()
    }

    fn refuse(&self, world: &World, times: u32) {
        if times > 0 {
            world.fault(self.subject.create.with(Effect::OutOfStock).times(times));
        }
    }
}

/// A world whose nodes have the same GPUs.
async fn equal_nodes() -> World {
    let world = World::start().await;
    world.cloud.with_novacloud(|it| it.nodes.iter_mut().for_each(|it| it.gpu_type = "5090".to_owned()));
    world
}

#[tokio::test]
async fn with_k_candidates_out_of_stock_one_machine_is_made_by_at_most_k_and_one_calls() {
    for listed in &LISTED {
        for refused in 0..listed.usable {
            let world = equal_nodes().await;
            let resource = world.of(listed.subject);
            let candidates = &listed.candidates[..listed.usable];
            let config = listed.config(&resource, candidates, &json!({}));
            listed.refuse(&world, u32::try_from(refused).unwrap());
            let object = resource.create(&config).await;
            assert_eq!(object.state[listed.one], json!(candidates[refused]), "{}", listed.many);
            assert_eq!(listed.asked(&world), &candidates[..=refused]);
            assert_eq!(world.cloud.alive().len(), 1);
            resource.assert_settled(&config, &object).await;
            assert!(resource.destroy(&object).await.said.is_empty());
        }
    }
}

#[tokio::test]
async fn what_the_catalogue_shows_sold_out_is_tried_last() {
    let world = equal_nodes().await;
    let listed = &LISTED[0];
    let resource = world.of(listed.subject);
    let config = listed.config(&resource, &["h100.26c200g", listed.candidates[0]], &json!({}));
    resource.create(&config).await;
    assert_eq!(listed.asked(&world), [listed.candidates[0]]);
    // The next one cannot be had at all: both are asked for, the one in stock first.
    listed.refuse(&world, 1);
    let before = listed.asked(&world).len();
    let failed = resource.try_create(&config).await;
    let words = failed.nothing_but_an_error();
    assert_eq!(listed.asked(&world)[before..], [listed.candidates[0], "h100.26c200g"]);
    for word in [
        "out of stock",
        "product `5090.20c94g`: ",
        "product `h100.26c200g`: ",
        "No instance was created",
        "`capacity_timeout`",
        "(product_ids)",
    ] {
        assert!(words.contains(word), "{word:?} is missing in: {words}");
    }
    assert_eq!(world.cloud.alive().len(), 1);
}

#[tokio::test]
async fn an_unclear_answer_ends_the_tries_and_what_it_made_is_found() {
    for listed in &LISTED {
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        let config = listed.config(&resource, &listed.candidates[..2], &json!({}));
        world.fault(listed.subject.create.with(Effect::OutOfStock).times(1));
        world.fault(listed.subject.create.with(Effect::Drop(When::After)).times(1));
        let object = resource.create(&config).await;
        assert_eq!(listed.asked(&world), &listed.candidates[..2]);
        assert_eq!(object.state[listed.one], json!(listed.candidates[1]));
        assert_eq!(world.cloud.alive().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_of_the_candidate_ends_the_tries() {
    let world = equal_nodes().await;
    let listed = &LISTED[0];
    let resource = world.of(listed.subject);
    let config = listed.config(&resource, &listed.candidates, &json!({}));
    let poor = Effect::Status {
        code: 403,
        reason: "NOT_ENOUGH_BALANCE".to_owned(),
        message: "Insufficient balance".to_owned(),
    };
    world.fault(listed.subject.create.with(poor).times(1));
    let words = resource.try_create(&config).await.nothing_but_an_error();
    assert!(words.contains("not enough balance"), "{words}");
    assert_eq!(listed.asked(&world), &listed.candidates[..1]);
}

#[tokio::test]
async fn a_wait_for_capacity_ends_with_a_machine_or_names_what_was_refused() {
    for listed in [&LISTED[0], &LISTED[3]] {
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        let candidates = &listed.candidates[..2];
        let waiting = |time: &str| listed.config(&resource, candidates, &json!({"capacity_timeout": time}));
        listed.refuse(&world, 5);
        let object = resource.create(&waiting("1h")).await;
        assert_eq!(listed.asked(&world).len(), 6, "two rounds and a half");
        assert_eq!(world.cloud.alive().len(), 1);
        resource.assert_settled(&waiting("1h"), &object).await;

        world.fault(listed.subject.create.with(Effect::OutOfStock).always());
        let words = resource.try_create(&waiting("200ms")).await.nothing_but_an_error();
        for word in ["It was tried", candidates[0], candidates[1], "No ", " was created"] {
            assert!(words.contains(word), "{word:?} is missing in: {words}");
        }
        assert_eq!(world.cloud.alive().len(), 1);
    }
}

#[tokio::test]
async fn a_wait_for_capacity_obeys_a_stop_and_the_deadline() {
    for listed in [&LISTED[0], &LISTED[3]] {
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        assert_eq!(world.configure(&json!({"poll_interval": "1h"})).await, []);
        world.fault(listed.subject.create.with(Effect::OutOfStock).always());
        let waits = json!({"capacity_timeout": "100h", "timeouts": {"create": "200h"}});
        let config = listed.config(&resource, &listed.candidates[..2], &waits);
        let stop = async {
            world.until(listed.subject.create, 2).await;
            world.stop().await;
        };
        let (failed, ()) = tokio::join!(resource.try_create(&config), stop);
        let words = failed.nothing_but_an_error();
        assert!(words.contains("interrupted") && words.contains(listed.candidates[1]), "{words}");
        assert_eq!(listed.asked(&world).len(), 2);

        let late = json!({"capacity_timeout": "100h", "timeouts": {"create": "1s"}});
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        assert_eq!(world.configure(&json!({"poll_interval": "1h"})).await, []);
        world.fault(listed.subject.create.with(Effect::OutOfStock).always());
        let config = listed.config(&resource, &listed.candidates[..2], &late);
        let words = resource.try_create(&config).await.nothing_but_an_error();
        assert!(words.contains("Ran out of time") && words.contains("waiting for hardware"), "{words}");
    }
}

#[tokio::test]
async fn a_list_touches_what_exists_only_when_its_own_choice_is_taken_out() {
    for listed in &LISTED {
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        let [first, second, third] = listed.candidates;
        let of = |candidates: &[&str]| listed.config(&resource, candidates, &json!({}));
        let object = resource.create(&of(&[first, second])).await;
        assert_eq!(object.state[listed.one], json!(first));
        let before = world.changes().len();
        for list in [&[second, first][..], &[first][..], &[third, &first.to_uppercase(), second]] {
            let plan = resource.plan(&of(list), Some(&object)).await.accepted();
            assert_eq!((plan.changed(), plan.replace.len()), (vec![listed.many], 0), "{list:?}");
            let kept = resource.apply(&plan).await.object();
            assert_eq!(kept.state[listed.one], json!(first));
        }
        // From the list to the attribute and back.
        let mut single = of(&[first]);
        single[listed.many] = Value::Null;
        single[listed.one] = json!(first);
        let plan = resource.plan(&single, Some(&object)).await.accepted();
        assert_eq!((plan.changed(), plan.replace.len()), (vec![listed.many], 0));
        let single_object: Object = resource.apply(&plan).await.object();
        let plan = resource.plan(&of(&[second, first]), Some(&single_object)).await.accepted();
        assert_eq!((plan.changed(), plan.replace.len()), (vec![listed.many], 0));
        assert_eq!(world.changes().len(), before, "no call was made");

        let plan = resource.plan(&of(&[second, third]), Some(&object)).await.accepted();
        assert!(plan.replace.contains(&listed.many.to_owned()), "{:?}", plan.replace);
    }
}

#[tokio::test]
async fn bad_lists_are_refused_at_the_attribute_before_any_call() {
    for listed in &LISTED {
        let world = equal_nodes().await;
        let resource = world.of(listed.subject);
        let [first, second, _] = listed.candidates;
        let twice = listed.config(&resource, &[first, second, &first.to_uppercase()], &json!({}));
        let empty = listed.config(&resource, &[], &json!({}));
        let mut both = listed.config(&resource, &[second], &json!({}));
        both[listed.one] = json!(first);
        for (config, words) in [(twice, "twice"), (empty, "1 to 20"), (both, "cannot be set together")] {
            let said = resource.validate(&config).await;
            let text = text_of(&said);
            assert!(text.contains(words) && text.contains(&format!("({}", listed.many)), "{text}");
        }
        let mut neither = listed.config(&resource, &[first], &json!({}));
        neither[listed.many] = Value::Null;
        let text = text_of(&resource.plan(&neither, None).await.said);
        assert_eq!(text.contains("for several in order of preference"), listed.one != "cluster_id", "{text}");
        assert_eq!(world.changes(), []);
    }
}

#[tokio::test]
async fn the_checks_of_a_plan_are_of_each_candidate() {
    let world = equal_nodes().await;
    let listed = &LISTED[0];
    let resource = world.of(listed.subject);
    let plan = async |candidates: &[&str], more: Value| {
        resource.plan(&listed.config(&resource, candidates, &more), None).await
    };
    // One that can be had is enough.
    assert_eq!(text_of(&plan(&["4090.16c62g", "h100.26c200g"], json!({})).await.said), "");
    let words = text_of(&plan(&["h100.26c200g"], json!({})).await.said);
    assert!(words.contains("out of stock") && words.contains("(product_ids)"), "{words}");
    // A slip of the pen is refused wherever it stands.
    let words = plan(&["4090.16c62g", "5090.20c94"], json!({})).await.error();
    assert!(words.contains("`5090.20c94g` meant") && words.contains("(product_ids)"), "{words}");
    // A cluster that does not have it.
    let words = text_of(&plan(&["5090.20c94g"], json!({"cluster_id": "us-dallas-nas-2"})).await.said);
    assert!(words.contains("may not be offered in this cluster"), "{words}");
    // The cap leaves out what costs more, and a cap below all of them is an error.
    let words = text_of(&plan(&["a100.24c180g", "4090.16c62g"], json!({"max_hourly_price": 0.5})).await.said);
    assert!(words.contains("product `a100.24c180g` (1.2)"), "{words}");
    let words = plan(&["a100.24c180g", "4090.16c62g"], json!({"max_hourly_price": 0.1})).await.error();
    assert!(words.contains("costs 0.35 USD") && words.contains("(max_hourly_price)"), "{words}");
}

#[tokio::test]
async fn what_costs_more_than_the_cap_is_not_tried() {
    let world = equal_nodes().await;
    let listed = &LISTED[0];
    let resource = world.of(listed.subject);
    let config = listed.config(
        &resource,
        &["a100.24c180g", "4090.16c62g", "5090.20c94g"],
        &json!({"max_hourly_price": 0.6}),
    );
    listed.refuse(&world, 1);
    let object = resource.create(&config).await;
    assert_eq!(listed.asked(&world), ["4090.16c62g", "5090.20c94g"]);
    assert_eq!(object.state["hourly_price"], json!(0.55));
    listed.refuse(&world, 2);
    let words = resource.try_create(&config).await.nothing_but_an_error();
    assert!(words.contains("as the price cap leaves them out: product `a100.24c180g`. "), "{words}");
}
