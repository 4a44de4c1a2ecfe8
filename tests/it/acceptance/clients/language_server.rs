//! terraform-ls, which editors ask: it takes the schema from a CLI and explains what stands in a configuration.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::mirror::Mirror;
use super::table::{Line, Task};
use super::tool;
use crate::acceptance::{World, machine};
use crate::cli::Cli;

pub(super) const PROGRAM: &str = "terraform-ls";

/// How often it is asked again while it reads the schema.
const QUESTIONS: usize = 240;

pub(super) fn line(cli: &Cli, mirror: &Mirror) -> Line {
    let mut line = Line::of("terraform-ls");
    let world = World::new(cli, &machine("this", &[]));
    world.workspace.configure_cli(&mirror.settings());
    line.cell(Task::Install, || {
        world.workspace.init().succeeded();
    });
    line.cell(Task::Schema, || explains(cli, &world));
    line
}

/// Pointing at `image_url` shows what the schema says of it.
fn explains(cli: &Cli, world: &World) {
    let folder = world.workspace.directory();
    // It looks for the installed providers where they are by default.
    std::os::unix::fs::symlink(world.workspace.data(), folder.join(".terraform")).expect("a link");
    let mut server = Server::start(cli, &folder);
    let root = format!("file://{}", folder.display());
    let able = json!({"textDocument": {"hover": {"contentFormat": ["markdown"]}}});
    server.ask("initialize", &json!({"processId": null, "rootUri": root, "capabilities": able}));
    server.tell("initialized", &json!({}));
    let text = std::fs::read_to_string(folder.join("main.tf")).expect("the configuration");
    let uri = format!("{root}/main.tf");
    let document = json!({"uri": uri, "languageId": "terraform", "version": 1, "text": text});
    server.tell("textDocument/didOpen", &json!({"textDocument": document}));
    let number = text.lines().position(|it| it.trim().starts_with("image_url")).expect("an attribute");
    let place = json!({"textDocument": {"uri": uri}, "position": {"line": number, "character": 4}});
    for _ in 0..QUESTIONS {
        let shown = server.ask("textDocument/hover", &place)["contents"]["value"].to_string();
        if shown.contains("**image_url** _required, string_") {
            return;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    panic!("It does not explain image_url.");
}

/// A language server at the other end of two pipes.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Server {
    fn start(cli: &Cli, folder: &Path) -> Self {
        let mut command = Command::new(tool(PROGRAM));
        command
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("HOME", folder)
            .env("CHECKPOINT_DISABLE", "1");
        // It takes the CLI from the PATH.
        command.env("PATH", cli.program().parent().expect("a folder"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("terraform-ls runs");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, input, output, asked: 0 }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}));
        loop {
            let message = self.receive();
            if message.get("method").is_some() {
                // What it asks in its turn has no answer that matters here.
                if let Some(id) = message.get("id") {
                    self.send(&json!({"jsonrpc": "2.0", "id": id, "result": null}));
                }
            } else if message["id"] == self.asked {
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it reads");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            let read = self.output.read_line(&mut header).expect("it writes");
            assert!(read > 0, "It ended.");
            if header.trim().is_empty() {
                break;
            }
            if let Some(it) = header.strip_prefix("Content-Length:") {
                length = it.trim().parse().expect("a length");
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).expect("a whole message");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
