//! Tables: which answer becomes which error.

use tfplugin::redact::{Secrets, also};
use tfplugin::testing::{SECRETS, WAYS};

use super::*;
use crate::api::resource_kind::tests::THING;
use crate::api::resource_kind::{IdFormat, ResourceKind};

const ENDPOINT: ResourceKind = ResourceKind {
    noun: "endpoint",
    words: &["endpoint"],
    not_found: &["SERVERLESS_ENDPOINT_NOT_FOUND"],
    wrapper: Some("endpoint"),
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

const VM: ResourceKind = ResourceKind { noun: "VM", words: &["vm", "instance"], not_found: &[], ..THING };

/// The name of the variant.
fn variant(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split('(').next().unwrap().to_owned()
}

fn novita(intent: Intent, status: u16, body: &str) -> Error {
    ErrorMapping::Novita.error("GET /x", intent, status, body.as_bytes())
}

fn named(name: &str) -> String {
    format!(r#"{{"code":400,"reason":"{name}","message":"words","metadata":{{}}}}"#)
}

#[test]
fn refused_access_and_broken_servers_are_never_read_as_gone() {
    let body = r#"{"reason":"RESOURCE_NOT_FOUND","message":"not found"}"#;
    for (status, expected) in
        [(401, "Unauthorized"), (403, "Forbidden"), (429, "RateLimited"), (500, "Server"), (503, "Server")]
    {
        assert_eq!(variant(&novita(Intent::Read(&THING), status, body)), expected, "{status}");
    }
    assert_eq!(variant(&novita(Intent::Read(&THING), 500, &named("WALLET_NOT_FOUND"))), "Server");
    assert_eq!(variant(&novita(Intent::Read(&THING), 400, &named("USER_NOT_FOUND"))), "AccountBlocked");
}

#[test]
fn a_wrong_address_is_not_a_missing_thing() {
    for body in [
        named("API_NOT_FOUND").as_str(),
        "404 page not found",
        "instance not found",
        "<html><body>Not Found</body></html>",
        "",
        "{}",
        "null",
        "[]",
        r#"{"message":"no Route matched with those values"}"#,
        r#"{"message":"The requested URL was not found on this server"}"#,
        r#"{"statusCode":404,"message":"Cannot GET /gpu/instance","error":"Not Found"}"#,
        r#"{"status":404,"error":"Not Found","path":"/gpu/instance"}"#,
    ] {
        for intent in [
            Intent::List,
            Intent::Read(&THING),
            Intent::Action(&THING),
            Intent::Remove(&THING),
            Intent::Create,
        ] {
            let error = novita(intent, 404, body);
            assert_eq!(variant(&error), "Misconfigured", "{intent:?} {body}");
            assert!(error.to_string().contains("base URL"), "{error}");
        }
    }
    assert_eq!(variant(&novita(Intent::List, 404, r#"{"message":"not found"}"#)), "Misconfigured");
    assert_eq!(variant(&novita(Intent::Read(&THING), 405, "")), "Misconfigured");
}

#[test]
fn a_list_misses_no_thing_and_is_only_broken() {
    for body in
        [r#"{"message": "instance not found"}"#, r#"{"reason": "RESOURCE_NOT_FOUND", "message": "gone"}"#]
    {
        assert_eq!(variant(&novita(Intent::List, 400, body)), "Server", "{body}");
    }
    for body in [r#"{"message": "page 0 does not exist"}"#, r#"{"message": "invalid pageNum"}"#] {
        assert_eq!(variant(&novita(Intent::List, 400, body)), "Rejected", "{body}");
    }
}

#[test]
fn what_a_create_does_not_find_is_its_input() {
    for (name, field) in [
        ("IMAGE_NOT_FOUND", Some("imageUrl")),
        ("SERVERLESS_PRODUCT_NOT_FOUND", Some("products")),
        ("NETWORK_STORAGE_NOT_FOUND", Some("networkStorages")),
        ("NETWORK_NOT_FOUND", Some("networkId")),
        ("RESOURCE_NOT_FOUND", None),
    ] {
        let error = novita(Intent::Create, 400, &named(name));
        assert_eq!(variant(&error), "Rejected", "{name}");
        assert_eq!(error.details().field.as_deref(), field);
    }
    assert_eq!(variant(&novita(Intent::Create, 400, r#"{"message":"image not found"}"#)), "Rejected");
}

#[test]
fn a_change_tells_its_own_thing_from_what_it_mentions() {
    for name in ["IMAGE_NOT_FOUND", "SERVERLESS_PRODUCT_NOT_FOUND", "NETWORK_STORAGE_NOT_FOUND"] {
        assert_eq!(variant(&novita(Intent::Change(&THING), 400, &named(name))), "Rejected", "{name}");
    }
    assert_eq!(variant(&novita(Intent::Change(&THING), 400, r#"{"message":"image not found"}"#)), "Rejected");
    assert_eq!(variant(&novita(Intent::Change(&THING), 400, &named("RESOURCE_NOT_FOUND"))), "NotFound");
    assert_eq!(
        variant(&novita(Intent::Change(&THING), 400, r#"{"message":"instance not found"}"#)),
        "NotFound"
    );
}

#[test]
fn names_decide_what_the_caller_does_next() {
    for (status, name, expected) in [
        (400, "INSUFFICIENT_RESOURCE", "OutOfStock"),
        (400, "CREATE_INSTANCE_LIMIT", "QuotaExceeded"),
        (400, "CREATE_GPU_NUM_LIMIT", "QuotaExceeded"),
        (400, "BALANCE_NOT_ENOUGH", "InsufficientBalance"),
        (403, "NOT_ENOUGH_BALANCE", "InsufficientBalance"),
        (403, "NOT_ENOUGH_BUDGET", "OverBudget"),
        (400, "CONFLICT", "Conflict"),
        (400, "NETWORK_STORAGE_IN_USE", "Conflict"),
        (409, "ANYTHING", "Conflict"),
        (400, "PREPAID_INSTANCE_NOT_SUPPORT_RELEASE", "PrepaidNotRemovable"),
        (400, "VALIDATOR_PARAM", "Rejected"),
        (400, "NEVER_SEEN_BEFORE", "Rejected"),
        (422, "NEVER_SEEN_BEFORE", "Rejected"),
        (401, "UNAUTHORIZED", "Unauthorized"),
        (400, "MISSING_API_KEY", "Unauthorized"),
        (403, "INVALID_API_KEY", "Unauthorized"),
        (403, "FORBIDDEN", "Forbidden"),
        (403, "NEED_REAL_NAME_VERIFY", "AccountBlocked"),
        (400, "BANNED_USER", "AccountBlocked"),
        (429, "RATE_LIMIT_EXCEEDED", "RateLimited"),
        (429, "", "RateLimited"),
    ] {
        for intent in [
            Intent::Read(&THING),
            Intent::Create,
            Intent::Change(&THING),
            Intent::Action(&THING),
            Intent::Remove(&THING),
        ] {
            let error = novita(intent, status, &named(name));
            assert_eq!(variant(&error), expected, "{status} {name}");
            let details = error.details();
            assert_eq!(
                (details.status, details.name.as_str(), details.message.as_str()),
                (Some(status), name, "words")
            );
        }
    }
}

#[test]
fn a_wrong_state_is_told_by_its_words() {
    let body = r#"{"code":400,"message":"Invalid state change: exited -> exiting"}"#;
    assert_eq!(variant(&novita(Intent::Action(&THING), 400, body)), "Conflict");
}

#[test]
fn a_broken_server_leaves_a_change_unclear() {
    for intent in [Intent::Create, Intent::Change(&THING), Intent::Action(&THING), Intent::Remove(&THING)] {
        for status in [500, 502, 503, 504] {
            assert_eq!(
                variant(&novita(intent, status, &named("UNKNOWN"))),
                "Ambiguous",
                "{intent:?} {status}"
            );
        }
    }
}

#[test]
fn demand_27_a_time_out_that_a_proxy_answers_leaves_a_change_unclear() {
    for intent in [Intent::Create, Intent::Change(&THING), Intent::Action(&THING), Intent::Remove(&THING)] {
        for body in ["", "<html>", "{}"] {
            assert_eq!(variant(&novita(intent, 408, body)), "Ambiguous", "{intent:?} {body}");
        }
    }
    assert_eq!(variant(&novita(Intent::Read(&THING), 408, "")), "Server");
}

#[test]
fn a_page_of_html_is_not_quoted() {
    let error = novita(Intent::Read(&THING), 503, "<!DOCTYPE html><html>secret stuff</html>");
    assert_eq!(variant(&error), "Server");
    assert!(!error.to_string().contains("stuff"), "{error}");
}

#[test]
fn broken_text_and_empty_bodies_are_survived() {
    let error = ErrorMapping::Novita.error("GET /x", Intent::Read(&THING), 400, b"bad \xff\xfe\x00 text");
    assert_eq!(error.details().message, "bad ?? text");
    assert_eq!(novita(Intent::Read(&THING), 400, "").details().message, "the API gave no reason");
    assert_eq!(novita(Intent::Read(&THING), 400, "[]").details().message, "the API gave no reason");
    assert_eq!(novita(Intent::Read(&THING), 400, r#"{"message":null,"error":"e"}"#).details().message, "e");
}

#[test]
fn the_field_to_blame_is_found() {
    for (body, field) in [
        (
            r#"{"reason":"VALIDATOR_PARAM","message":"invalid CreateRequest.GpuNum: value must be in [1, 8]"}"#,
            Some("gpuNum"),
        ),
        (
            r#"{"reason":"VALIDATOR_PARAM","message":"invalid A.Endpoint: embedded message failed validation | caused by: invalid B.MinNum: no"}"#,
            Some("endpoint.minNum"),
        ),
        (r#"{"reason":"VALIDATOR_PARAM","message":"invalid A.Envs[3]: too long"}"#, Some("envs")),
        (r#"{"reason":"VALIDATOR_PARAM","message":"gpuNum must be at most 8"}"#, Some("gpuNum")),
        (r#"{"reason":"VALIDATOR_PARAM","message":"x","metadata":{"field":"imageUrl"}}"#, Some("imageUrl")),
        (r#"{"reason":"CUDA_VERSION_INCOMPATIBLE","message":"x"}"#, Some("minCudaVersion")),
        (r#"{"reason":"CONFLICT","message":"command failed"}"#, None),
        (r#"{"reason":"VALIDATOR_PARAM","message":"Wrong: input","metadata":[]}"#, None),
        (r#"{"reason":"VALIDATOR_PARAM","message":"invalid parameter"}"#, None),
    ] {
        assert_eq!(novita(Intent::Create, 400, body).details().field.as_deref(), field, "{body}");
    }
}

#[test]
fn an_error_may_hide_under_a_successful_status() {
    for (body, expected) in [
        (r#"{"code":401,"message":"no"}"#, Some(401)),
        (r#"{"code":200}"#, None),
        (r#"{"code":"401"}"#, None),
        (r#"{"code":40001}"#, Some(400)),
        (r#"{"id":"x"}"#, None),
        (r#"{"reason":"RESOURCE_NOT_FOUND"}"#, Some(400)),
        (r#"{"reason":"quota","id":"x"}"#, None),
        (r#"{"reason":"SUCCESS","code":0,"data":{}}"#, None),
        (r#"{"reason":""}"#, None),
        (r#"{"reason":["x"]}"#, None),
    ] {
        let claim: Claim = serde_json::from_str(body).unwrap();
        assert_eq!(ErrorMapping::Novita.hidden_status(&claim), expected, "{body}");
        assert_eq!(ErrorMapping::NovaCloud.hidden_status(&claim), None, "{body}");
    }
}

#[test]
fn nova_cloud_answers_with_a_text_or_a_list() {
    let cases = [
        (Intent::Read(&VM), 404, r#"{"detail":"VM not found"}"#, "NotFound", None),
        (Intent::Read(&VM), 404, r#"{"detail":"Not Found"}"#, "NotFound", None),
        (Intent::Remove(&VM), 404, r#"{"detail":"Not Found"}"#, "NotFound", None),
        (Intent::Action(&VM), 404, r#"{"detail":"Not Found"}"#, "Misconfigured", None),
        (Intent::Read(&VM), 404, "<html>", "Misconfigured", None),
        (Intent::Create, 404, r#"{"detail":"Template not found"}"#, "Rejected", None),
        (Intent::Create, 404, r#"{"detail":"Not Found"}"#, "Misconfigured", None),
        (Intent::Create, 404, "<html>", "Misconfigured", None),
        (Intent::Remove(&VM), 405, r#"{"detail":"Method Not Allowed"}"#, "Misconfigured", None),
        (Intent::Create, 400, r#"{"detail":"Node vm02 is not available"}"#, "OutOfStock", None),
        (Intent::Create, 400, r#"{"detail":"No GPU of this kind is available now"}"#, "OutOfStock", None),
        (Intent::Create, 400, r#"{"detail":"Hourly limit of $8 would be exceeded"}"#, "QuotaExceeded", None),
        (Intent::Create, 400, r#"{"detail":"max_vms reached"}"#, "QuotaExceeded", Some("max_vms")),
        (Intent::Create, 400, r#"{"detail":"No SSH key on this account"}"#, "Rejected", None),
        (
            Intent::Create,
            400,
            r#"{"detail":"unknown 'gpu_type', see the list"}"#,
            "Rejected",
            Some("gpu_type"),
        ),
        (Intent::Create, 402, r#"{"detail":"Top up"}"#, "InsufficientBalance", None),
        (Intent::Action(&VM), 400, r#"{"detail":"VM is not stopped"}"#, "Conflict", None),
        (Intent::Action(&VM), 400, r#"{"detail":"Insufficient balance"}"#, "InsufficientBalance", None),
        (Intent::Remove(&VM), 400, r#"{"detail":"VM is starting"}"#, "Conflict", None),
        (Intent::Remove(&VM), 409, r#"{"detail":"unavailable while starting"}"#, "Conflict", None),
        (Intent::Remove(&VM), 422, r#"{"detail":"not a uuid"}"#, "Rejected", None),
        (Intent::Remove(&VM), 403, r#"{"detail":"read only key"}"#, "Forbidden", None),
        (Intent::Create, 429, r#"{"detail":"slow down"}"#, "RateLimited", None),
        (
            Intent::Create,
            400,
            r#"{"detail":"Insufficient balance. Required: $12.00"}"#,
            "InsufficientBalance",
            None,
        ),
        (Intent::Create, 400, r#"{"detail":"No capacity on vm02"}"#, "OutOfStock", None),
        (Intent::Create, 403, r#"{"detail":"VM limit reached"}"#, "QuotaExceeded", None),
        (Intent::Remove(&VM), 409, r#"{"detail":"VM is starting"}"#, "Conflict", None),
        (Intent::Read(&VM), 401, r#"{"detail":"x not found"}"#, "Unauthorized", None),
        (Intent::Read(&VM), 403, r#"{"detail":"x"}"#, "Forbidden", None),
        (Intent::Read(&VM), 500, r#"{"detail":"x"}"#, "Server", None),
        (Intent::Create, 500, r#"{"detail":"x"}"#, "Ambiguous", None),
        (
            Intent::Create,
            422,
            r#"{"detail":[{"loc":["body","storage_gb"],"msg":"too small","type":"t","input":"hunter2"}]}"#,
            "Rejected",
            Some("storage_gb"),
        ),
    ];
    for (intent, status, body, expected, field) in cases {
        let error = ErrorMapping::NovaCloud.error("GET /x", intent, status, body.as_bytes());
        assert_eq!(variant(&error), expected, "{status} {body}");
        assert_eq!(error.details().field.as_deref(), field);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn every_form_of_nova_clouds_detail_is_read() {
    for (body, message, field) in [
        (r#"{"detail":"words"}"#, "words", None),
        (r#"{"detail":["one","two"]}"#, "one; two", None),
        (r#"{"detail":{"msg":"words"}}"#, "words", None),
        (r#"{"detail":{"code":1}}"#, "the API gave no reason", None),
        (r#"{"detail":null}"#, "the API gave no reason", None),
        (r#"{"message":"words"}"#, "words", None),
        (r#"{"error":"words"}"#, "words", None),
        ("\"words\"", "words", None),
        (
            r#"{"detail":[{"loc":["body"],"msg":"a"},{"loc":["body","gpu_count"],"msg":"b"}]}"#,
            "a; gpu_count: b",
            Some("gpu_count"),
        ),
        (
            r#"{"detail":[{"loc":["body","tags",0,"name"],"type":"t"}]}"#,
            "tags.name: invalid",
            Some("tags.name"),
        ),
        (r#"{"detail":[]}"#, "the API gave no reason", None),
        (r#"{"detail":"(storage_gb) must be ≥ 50"}"#, "(storage_gb) must be ≥ 50", Some("storage_gb")),
    ] {
        let error = ErrorMapping::NovaCloud.error("POST /x", Intent::Create, 422, body.as_bytes());
        assert_eq!(variant(&error), "Rejected", "{body}");
        assert_eq!(
            (error.details().message.as_str(), error.details().field.as_deref()),
            (message, field),
            "{body}"
        );
    }
}

/// What each intent about a kind reads a refusal as: read, change, action, removal.
fn readings(error_mapping: ErrorMapping, kind: &'static ResourceKind, status: u16, body: &str) -> [bool; 4] {
    for intent in [Intent::List, Intent::Create] {
        let error = error_mapping.error("GET /x", intent, status, body.as_bytes());
        assert!(!error.is_not_found(), "{intent:?} {status} {body}");
    }
    [Intent::Read(kind), Intent::Change(kind), Intent::Action(kind), Intent::Remove(kind)]
        .map(|intent| error_mapping.error("GET /x", intent, status, body.as_bytes()).is_not_found())
}

const GONE: [bool; 4] = [true; 4];
const NEVER_GONE: [bool; 4] = [false; 4];

#[test]
fn not_found_in_all_its_spellings_and_in_no_other() {
    let detail = |text: &str| format!(r#"{{"detail":"{text}"}}"#);
    let said = |text: &str| format!(r#"{{"message":"{text}"}}"#);
    let both = |reason: &str, text: &str| format!(r#"{{"reason":"{reason}","message":"{text}"}}"#);
    // Of an instance, and of an endpoint.
    for (status, body, instance, endpoint) in [
        (400, named("RESOURCE_NOT_FOUND"), GONE, GONE),
        (400, named("NOT_FOUNT"), GONE, GONE),
        (404, named("RESOURCE_NOT_FOUND"), GONE, GONE),
        (400, named("INSTANCE_NOT_FOUND"), GONE, NEVER_GONE),
        (400, named("SERVERLESS_ENDPOINT_NOT_FOUND"), NEVER_GONE, GONE),
        (400, both("RESOURCE_NOT_FOUND", "not found for this user"), GONE, GONE),
        (404, both("SOMETHING", "instance not found"), GONE, NEVER_GONE),
        (400, said("Instance Not Found"), GONE, NEVER_GONE),
        (400, said("instance not fount"), GONE, NEVER_GONE),
        (404, said("instance i-1 not found for this user"), GONE, NEVER_GONE),
        (400, said("user 7: instance i-1 not found"), GONE, NEVER_GONE),
        (404, said("endpoint not found or not owned by the account"), NEVER_GONE, GONE),
        (404, said("rpc error: code = NotFound desc = container does not exist"), GONE, NEVER_GONE),
        (404, said("record not found"), GONE, GONE),
        (404, said("no such instance"), GONE, NEVER_GONE),
        (404, said("Not Found"), GONE, GONE),
        (400, "instance not found".to_owned(), GONE, NEVER_GONE),
        (410, said("instance has been deleted"), GONE, NEVER_GONE),
        (404, named("A_NEW_NAME"), NEVER_GONE, NEVER_GONE),
        (400, named("A_NEW_NAME_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (404, both("NODE_NOT_FOUND", "instance not found"), NEVER_GONE, NEVER_GONE),
        (404, both("TEAM_NOT_FOUND", "not found"), NEVER_GONE, NEVER_GONE),
        (400, both("API_KEY_NOT_FOUND", "not found"), NEVER_GONE, NEVER_GONE),
        (400, named("IMAGE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (400, named("NETWORK_STORAGE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (400, named("TEMPLATE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (400, named("USER_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (404, named("USER_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (404, said("user not found"), NEVER_GONE, NEVER_GONE),
        (404, said("API key not found"), NEVER_GONE, NEVER_GONE),
        (400, said("image not found"), NEVER_GONE, NEVER_GONE),
        (404, said("node of the instance not found"), NEVER_GONE, NEVER_GONE),
        (404, said("words"), GONE, GONE),
        (400, said("words"), NEVER_GONE, NEVER_GONE),
        (404, said("your account is suspended"), NEVER_GONE, NEVER_GONE),
        (404, named("API_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (404, "{}".to_owned(), NEVER_GONE, NEVER_GONE),
        (404, "null".to_owned(), NEVER_GONE, NEVER_GONE),
        (404, String::new(), NEVER_GONE, NEVER_GONE),
        (404, "<html><h1>Not Found</h1></html>".to_owned(), NEVER_GONE, NEVER_GONE),
        (404, "404 page not found".to_owned(), NEVER_GONE, NEVER_GONE),
        (404, said("instance route not found"), NEVER_GONE, NEVER_GONE),
        (409, said("instance not found"), NEVER_GONE, NEVER_GONE),
        (422, said("instance not found"), NEVER_GONE, NEVER_GONE),
        (401, named("RESOURCE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (403, named("RESOURCE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (403, "error code: 1010".to_owned(), NEVER_GONE, NEVER_GONE),
        (429, named("RESOURCE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (500, named("RESOURCE_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (500, named("WALLET_NOT_FOUND"), NEVER_GONE, NEVER_GONE),
        (503, said("instance not found"), NEVER_GONE, NEVER_GONE),
    ] {
        assert_eq!(
            readings(ErrorMapping::Novita, &THING, status, &body),
            instance,
            "instance: {status} {body}"
        );
        assert_eq!(
            readings(ErrorMapping::Novita, &ENDPOINT, status, &body),
            endpoint,
            "endpoint: {status} {body}"
        );
    }
    // What FastAPI says of a route that is not there; of a VM it may say the same.
    let unless_a_route = [true, true, false, true];
    for (status, body, expected) in [
        (404, detail("VM not found"), GONE),
        (404, detail("VM not found for this user"), GONE),
        (404, detail("no such VM"), GONE),
        (404, detail("Not Found"), unless_a_route),
        (404, "{}".to_owned(), NEVER_GONE),
        (404, String::new(), NEVER_GONE),
        (404, detail("words"), GONE),
        (404, detail("User not found"), NEVER_GONE),
        (404, detail("Node not found"), NEVER_GONE),
        (404, "<html>Not Found</html>".to_owned(), NEVER_GONE),
        (400, detail("VM not found"), NEVER_GONE),
        (401, detail("user not found"), NEVER_GONE),
        (403, detail("not found"), NEVER_GONE),
        (405, detail("not found"), NEVER_GONE),
        (422, detail("not found"), NEVER_GONE),
        (429, detail("not found"), NEVER_GONE),
        (500, detail("not found"), NEVER_GONE),
        (502, "<html>not found</html>".to_owned(), NEVER_GONE),
    ] {
        assert_eq!(
            readings(ErrorMapping::NovaCloud, &VM, status, &body),
            expected,
            "Nova Cloud: {status} {body}"
        );
    }
}

#[test]
fn a_proxys_refusal_is_none_of_the_key() {
    for error_mapping in [ErrorMapping::Novita, ErrorMapping::NovaCloud] {
        for body in [
            "error code: 1010",
            "<html><title>Attention Required! | Cloudflare</title></html>",
            "Access denied",
        ] {
            for intent in [Intent::List, Intent::Read(&THING), Intent::Create, Intent::Remove(&THING)] {
                let error = error_mapping.error("GET /x", intent, 403, body.as_bytes());
                assert_eq!(variant(&error), "Transport", "{body}");
                assert!(
                    error.details().headline.contains("proxy")
                        && error.details().advice.contains("HTTPS_PROXY")
                );
            }
        }
        let error = error_mapping.error("GET /x", Intent::List, 403, br#"{"message":"no","detail":"no"}"#);
        assert_eq!(variant(&error), "Forbidden");
    }
}

#[test]
fn nova_cloud_tells_a_blocked_account_from_a_key_that_may_not() {
    for (status, text, expected) in [
        (403, "Your account is suspended", "AccountBlocked"),
        (403, "Account disabled by an administrator", "AccountBlocked"),
        (403, "E-mail address not verified", "AccountBlocked"),
        (403, "API key scope does not allow this", "Forbidden"),
        (401, "account suspended", "Unauthorized"),
    ] {
        let body = format!(r#"{{"detail":"{text}"}}"#);
        for intent in [Intent::Read(&THING), Intent::Create, Intent::Change(&THING)] {
            let error = ErrorMapping::NovaCloud.error("GET /x", intent, status, body.as_bytes());
            assert_eq!(variant(&error), expected, "{status} {text}");
        }
    }
}

/// The bodies in which an API, or what is in front of it, may say this.
fn saying(said: &str) -> Vec<(ErrorMapping, Vec<u8>)> {
    use ErrorMapping::{NovaCloud, Novita};
    let json = |it: Value| it.to_string().into_bytes();
    let filler = "word ".repeat(118);
    vec![
        (
            Novita,
            json(serde_json::json!({"reason": "VALIDATOR_PARAM", "message": format!("bad {said} here")})),
        ),
        (Novita, json(serde_json::json!({"message": format!("{filler}{said}")}))),
        (Novita, json(serde_json::json!({"reason": said, "message": "no"}))),
        (Novita, json(serde_json::json!({"message": "no", "metadata": {"field": said}}))),
        (Novita, json(serde_json::json!({"message": format!("invalid CreateRequest.{said}: no")}))),
        (Novita, json(serde_json::json!(said))),
        (NovaCloud, json(serde_json::json!({"detail": format!("no login with {said}")}))),
        (NovaCloud, json(serde_json::json!({"detail": [{"loc": ["body", "gpu_type"], "msg": said}]}))),
        (
            NovaCloud,
            json(serde_json::json!({"detail": [{"loc": ["body", said], "msg": "no"}, {"msg": said}]})),
        ),
        (NovaCloud, format!("a proxy says {said}").into_bytes()),
        (NovaCloud, format!("<html><p>{said}</p>").into_bytes()),
        (Novita, format!("{{\"message\":\"{said}").into_bytes()),
        (Novita, [b"\xff\xfe no ", said.as_bytes(), b" \xe9"].concat()),
    ]
}

#[test]
fn demand_14_a_secret_is_in_no_error_wherever_and_however_it_is_said() {
    for secret in SECRETS {
        let known = std::sync::Arc::new(Secrets::default());
        known.learn(secret);
        for (way, write) in WAYS {
            let said = write(secret);
            let line = one_line(&said);
            let characters: Vec<char> = line.chars().collect();
            let ends =
                [&characters[..characters.len().min(7)], &characters[characters.len().saturating_sub(7)..]];
            for (mapping, body) in saying(&said) {
                let error = also(&known, || mapping.error("POST /x", Intent::Create, 400, &body));
                let Details { name, field, message, .. } = error.details();
                let shown = format!("{error}\n{name}\n{}\n{message}", field.as_deref().unwrap_or_default());
                for end in ends {
                    let end: String = end.iter().collect();
                    assert!(
                        !shown.contains(&end),
                        "{way}: {:?} became {shown:?}",
                        String::from_utf8_lossy(&body)
                    );
                }
            }
        }
    }
}

#[test]
fn a_secret_that_is_a_word_of_a_refusal_changes_no_class() {
    let known = std::sync::Arc::new(Secrets::default());
    known.learn("found");
    let error = also(&known, || novita(Intent::Read(&THING), 404, r#"{"message":"thing not found"}"#));
    assert_eq!(
        (variant(&error).as_str(), error.details().message.as_str()),
        ("NotFound", "thing not (sensitive)")
    );
}
