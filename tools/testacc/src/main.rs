//! The program `testacc`: reads its one argument and the environment; everything else is the library.

use std::io::{self, Write as _};
use std::process::ExitCode;

use testacc::Settings;

const HELP: &str = "\
Tests the provider against the real APIs. This costs money.

Usage: testacc run      rent the cheapest product of each resource, one at a time, then sweep up
       testacc sweep    remove what earlier runs left behind

Environment:
  TF_ACC=1                    says that you mean it
  NOVITA_API_KEY              key for Novita AI: gpu, cpu, endpoint
  NOVACLOUD_API_KEY           key for Nova Cloud: vm
  NOVITA_BASE_URL, NOVACLOUD_BASE_URL
                              other addresses, as for the provider
  TESTACC_ONLY                some of gpu,cpu,endpoint,vm [default: all of them]
  TESTACC_MAX_HOURLY_PRICE    most USD per hour for each [default: 0.5]
  TESTACC_ENDPOINT_PRODUCT    serverless product [default: SL-serverless-3]
  TESTACC_VM_TEMPLATE         template of the VM [default: 101]
  TESTACC_IMAGE               image of instances [default: docker.io/library/ubuntu:24.04]
  TESTACC_DIR                 notes of what was made [default: .testacc]
  CLI, TERRAFORM, TOFU        which CLI drives the provider [default: terraform, else tofu]
";

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            // Nothing can be done when even this cannot be written.
            let _ = writeln!(io::stderr(), "error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Result<bool, String> {
    let mut words = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next().map_err(|it| it.to_string())? {
        match argument {
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => words.push("help".to_owned()),
            lexopt::Arg::Value(word) => words.push(word.to_string_lossy().into_owned()),
            other => return Err(format!("{}; see testacc --help", other.unexpected())),
        }
    }
    let environment = |name: &str| std::env::var(name).ok();
    let mut out = io::stdout();
    let outcome = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run"] => testacc::run(&Settings::for_run(&environment)?, &mut out),
        ["sweep"] => testacc::sweep(&Settings::for_sweep(&environment)?, &mut out),
        ["help"] => out.write_all(HELP.as_bytes()).map(|()| true),
        _ => return Err("say run or sweep; see testacc --help".to_owned()),
    };
    outcome.map_err(|it| it.to_string())
}
