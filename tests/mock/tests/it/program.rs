//! The program `mock-cloud`, from its first line to its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use crate::send;

/// A running program that is ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-cloud"));
    Program(command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Exit code, stdout and stderr of a run that ends by itself.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = start(arguments);
    let (mut stdout, mut stderr) = (String::new(), String::new());
    program.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    program.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (program.0.wait().unwrap().code(), stdout, stderr)
}

#[test]
#[cfg(unix)]
fn it_tells_its_address_and_ends_on_a_signal() {
    let directory = std::env::temp_dir().join(format!("mock-cloud-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("address");
    let path = file.to_str().unwrap();
    let keys = ["--api-key", "k1", "--novacloud-api-key", "nv_k2"];
    let mut program =
        start(&[&["--port", "0", "--step", "20ms", "--address-file", path], &keys[..]].concat());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let url = line.strip_prefix("mock-cloud: Novita AI at ").unwrap().strip_suffix(" (API key: k1)").unwrap();
    let origin = url.strip_suffix("/gpu-instance/openapi/v1").unwrap();
    assert!(origin.starts_with("http://127.0.0.1:"), "{line}");
    let path = "/gpu-instance/openapi/v1/clusters";
    let answer = send(origin, "GET", path, &[("Authorization", "Bearer k1")], "").unwrap();
    assert_eq!(answer.status, 200);
    let written = std::fs::read_to_string(&file).unwrap();
    let novacloud = format!("NOVACLOUD_BASE_URL={origin}/novacloud\nNOVACLOUD_API_KEY=nv_k2\n");
    assert_eq!(written, format!("NOVITA_BASE_URL={url}\nNOVITA_API_KEY=k1\n{novacloud}"));
    let line = lines.next().unwrap().unwrap();
    assert_eq!(line, format!("mock-cloud: Nova Cloud at {origin}/novacloud (API key: nv_k2)"));
    std::fs::remove_dir_all(&directory).unwrap();
    let id = program.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(program.0.wait().unwrap().code(), Some(0));
    assert!(lines.next().is_none(), "two lines and no more");
}

#[test]
fn help_and_version_are_printed() {
    let (code, stdout, stderr) = run(&["--help"]);
    assert!(code == Some(0) && stdout.contains("--address-file PATH") && stderr.is_empty());
    let (code, stdout, _) = run(&["-V"]);
    assert_eq!((code, stdout), (Some(0), format!("mock-cloud {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_arguments_are_named() {
    for (arguments, expected) in [
        (vec!["--colour"], "--colour"),
        (vec!["file"], "file"),
        (vec!["--port", "x"], "x"),
        (vec!["--port"], "--port"),
        (vec!["--step", "0s"], "300ms"),
        (vec!["--style", "meteor"], "meteor"),
    ] {
        let (code, stdout, stderr) = run(&arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.starts_with("mock-cloud: ") && stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn a_port_in_use_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, stdout, stderr) = run(&["--port", &port]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("mock-cloud: "), "{stderr}");
}
