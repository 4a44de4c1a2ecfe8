//! Configurations that the API would refuse: a diagnostic says so before any call is made, and while a
//! value is not known yet nothing is said.
//!
//! All cases stand in one configuration, a resource each, so that one run of a CLI checks them all.

mod cases;

use std::collections::BTreeMap;

use serde_json::Value;

use self::cases::Refused;
use super::{World, block, machine, on_every_cli};
use crate::cli::{Output, Workspace};

/// As many as the project promises at least.
const PROMISED: usize = 100;

#[test]
fn each_limit_is_a_diagnostic_before_any_call() {
    let cases = cases::at_validate();
    assert!(cases.len() >= PROMISED, "only {} cases", cases.len());
    check_refused(&cases);
}

#[test]
fn what_only_a_plan_can_know_is_a_diagnostic_before_any_call() {
    check_refused(&cases::at_plan());
}

#[test]
fn values_at_the_limits_are_accepted() {
    on_every_cli(|cli| {
        let world = World::new(cli, &configuration(&cases::accepted(), |_, _, value| value.to_owned()));
        // The catalogue would refuse most of them, and rightly so: here only the documented limits speak.
        world.cloud.faults().catalogue_unreachable();
        let output = world.workspace.plan(&["-json"]);
        assert_eq!(output.code(), Some(2), "{output}");
        assert!(world.changes().is_empty(), "a plan changes nothing");
    });
}

#[test]
fn an_unknown_value_is_refused_when_it_is_known() {
    let cases: Vec<Refused> = cases::at_validate().into_iter().chain(cases::at_plan()).collect();
    on_every_cli(|cli| {
        let mut hidden = String::new();
        for case in &cases {
            for (attribute, value) in &case.given {
                let name = format!("{}_{attribute}", case.name);
                hidden
                    .push_str(&format!("resource \"terraform_data\" \"{name}\" {{\n  input = {value}\n}}\n"));
            }
        }
        let unknown = |case: &Refused, attribute: &str, _: &str| {
            format!("terraform_data.{}_{attribute}.output", case.name)
        };
        let world = World::new(cli, &format!("{hidden}{}", configuration(&cases, unknown)));

        let plan = world.workspace.plan(&["-json"]);
        assert_eq!(plan.code(), Some(2), "an unknown value made the plan fail\n{plan}");
        let output = world.workspace.run(&["apply", "-input=false", "-auto-approve", "-json"]).failed();
        check_diagnostics(&world.workspace, &cases, &output);
        assert!(world.changes().is_empty(), "the cloud was asked: {:?}", world.changes());
    });
}

#[test]
fn a_bad_time_out_or_setting_is_refused() {
    let timeouts = [("create", "\"30\""), ("update", "\"soon\""), ("delete", "\"-5m\"")];
    let settings = [
        ("base_url", "\"http://api.example.com\""),
        ("base_url", "\"no address\""),
        ("request_timeout", "\"60\""),
        ("max_retries", "-1"),
        ("max_requests_per_minute", "-1"),
        ("poll_interval", "\"0s\""),
    ];
    on_every_cli(|cli| {
        let mut resources = String::new();
        for (name, value) in timeouts {
            let block = format!("  timeouts {{\n    {name} = {value}\n  }}\n}}\n");
            resources.push_str(&machine(name, &[]).replace("}\n", &block));
        }
        for (number, (setting, value)) in settings.iter().enumerate() {
            // A provider block that nothing uses is not looked at.
            resources.push_str(&format!(
                "provider \"novita\" {{\n  alias = \"p{number}\"\n  {setting} = {value}\n}}\n"
            ));
            resources
                .push_str(&machine(&format!("p{number}"), &[("provider", &format!("novita.p{number}"))]));
        }
        let world = World::new(cli, &resources);
        let output = world.workspace.plan(&["-json"]).failed();
        let blamed: Vec<String> =
            errors(&output).iter().map(|error| blamed_line(&world.workspace, error)).collect();
        for (name, value) in timeouts.iter().chain(&settings) {
            let line = format!("{name} = {value}");
            assert!(blamed.contains(&line), "nothing said about {line}\n{output}");
        }
        assert!(world.cloud.requests().is_empty());
    });
}

fn check_refused(cases: &[Refused]) {
    on_every_cli(|cli| {
        let world = World::new(cli, &configuration(cases, |_, _, value| value.to_owned()));
        let output = world.workspace.plan(&["-json"]).failed();
        check_diagnostics(&world.workspace, cases, &output);
        assert!(world.changes().is_empty(), "the cloud was asked: {:?}", world.changes());
    });
}

/// One resource for each case; `written` says what stands for a value.
fn configuration(cases: &[Refused], written: impl Fn(&Refused, &str, &str) -> String) -> String {
    let resource = |case: &Refused| {
        let lines: Vec<(&str, String)> = case
            .given
            .iter()
            .map(|(attribute, value)| (*attribute, written(case, attribute, value)))
            .collect();
        let is_given = |attribute: &str| lines.iter().any(|(given, _)| *given == attribute);
        let least = case.least().iter().filter(|(attribute, _)| !is_given(attribute)).copied();
        let given = lines.iter().map(|(attribute, value)| (*attribute, value.as_str()));
        block(case.kind, case.name, &least.chain(given).collect::<Vec<_>>())
    };
    cases.iter().map(resource).collect()
}

/// Every case has an error at a line of one of its attributes, with the words that it should say; and there
/// is no error that belongs to no case.
fn check_diagnostics(workspace: &Workspace, cases: &[Refused], output: &Output) {
    let mut by_case: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for error in errors(output) {
        let line = blamed_line(workspace, &error);
        let attribute = line.split([' ', '=']).next().unwrap_or_default().to_owned();
        by_case.entry(case_of(&error)).or_default().push((attribute, text_of(&error)));
    }
    let mut wrong = Vec::new();
    for case in cases {
        let said = by_case.remove(case.name).unwrap_or_default();
        let fits = |(attribute, text): &(String, String)| {
            case.at.contains(&attribute.as_str()) && case.says.iter().all(|words| text.contains(words))
        };
        if !said.iter().any(fits) {
            wrong.push(format!("{}: expected {:?} at {:?}, got {said:#?}", case.name, case.says, case.at));
        }
        if said.iter().any(|(_, text)| text.contains(cases::SECRET)) {
            wrong.push(format!("{}: a diagnostic repeats a secret", case.name));
        }
    }
    wrong.extend(by_case.into_iter().map(|(name, said)| format!("unexpected, in {name:?}: {said:#?}")));
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn errors(output: &Output) -> Vec<Value> {
    let lines = output.json_lines();
    let diagnostics = lines.into_iter().map(|line| line["diagnostic"].clone());
    diagnostics.filter(|it| it["severity"] == "error").collect()
}

/// The resource's name: from the address, or from `resource "TYPE" "NAME"`, which is there in any case.
fn case_of(error: &Value) -> String {
    let context = error["snippet"]["context"].as_str().unwrap_or_default();
    context.trim_end_matches('"').rsplit('"').next().unwrap_or_default().to_owned()
}

fn text_of(error: &Value) -> String {
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("summary"), part("detail"))
}

/// The line of the configuration that a diagnostic points at.
fn blamed_line(workspace: &Workspace, error: &Value) -> String {
    let text = std::fs::read_to_string(workspace.directory().join("main.tf")).expect("the configuration");
    let number = error["range"]["start"]["line"].as_u64().unwrap_or_default();
    let before = usize::try_from(number).unwrap_or_default().saturating_sub(1);
    text.lines().nth(before).unwrap_or_default().trim().to_owned()
}
