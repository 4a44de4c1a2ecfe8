//! The terminal that the README shows: what a real CLI printed around the README's first configuration on the mock.
//!
//! `UPDATE_EXPECT=1` writes it. Ids and times, which differ from run to run, are replaced by fixed ones.

use mock_cloud::{MockCloud, Options};

use super::blocks::{configurations, workspace};
use super::{file, read};
use crate::cli::{Cli, Workspace};

const BEGIN: &str = "<!-- terminal: begin -->\n";
const END: &str = "<!-- terminal: end -->\n";
const ID: &str = "6c1be0a94d27f3e8";

#[test]
fn the_readme_shows_what_a_terminal_shows() {
    let cli = Cli::newest().into_iter().next().expect("the newest Terraform is built by make tools");
    let shown = session(&cli);
    let text = read(&file("README.md"));
    let (before, rest) = text.split_once(BEGIN).expect("the beginning of the terminal");
    let (now, after) = rest.split_once(END).expect("the end of the terminal");
    let block =
        format!("<!-- block: not run: what a terminal shows, written by a test -->\n```text\n{shown}```\n\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text = format!("{before}{BEGIN}{block}{END}{after}");
        std::fs::write(file("README.md"), text).expect("the README is written");
    } else {
        assert_eq!(now, block, "run make golden");
    }
}

/// A plan that is refused, a change in place, and a plan afterwards.
fn session(cli: &Cli) -> String {
    let first = configurations()
        .into_iter()
        .find(|it| it.place.starts_with("README.md"))
        .expect("a first configuration");
    let cloud = MockCloud::start(Options::default());
    let mut workspace = workspace(cli, &first);
    workspace.set("NOVITA_BASE_URL", &cloud.novita_url());
    workspace.set("NOVITA_API_KEY", cloud.api_key());
    workspace.set("TF_VAR_notebook_token", "an-invented-token");
    workspace.write("test_override.tf", "provider \"novita\" {\n  poll_interval = \"20ms\"\n}\n");
    let mut shown = String::new();
    edit(&workspace, &first.text, "rootfs_size      = 60", "rootfs_size      = 6000");
    shown += &said(&workspace, &["plan"], "Error");
    edit(&workspace, &first.text, "", "");
    workspace.apply();
    edit(&workspace, &first.text, "rootfs_size      = 60", "rootfs_size      = 90");
    shown += &said(&workspace, &["apply", "-auto-approve"], "  # novita_gpu_instance.notebook");
    workspace.destroy();
    format!("{}\n", shown.trim_end())
}

/// Writes the configuration with one thing changed.
fn edit(workspace: &Workspace, text: &str, from: &str, to: &str) {
    assert!(text.contains(from), "{from}");
    workspace.write("main.tf", &text.replacen(from, to, 1));
}

/// A command and what it prints, from a line that begins so up to the outputs.
fn said(workspace: &Workspace, command: &[&str], from: &str) -> String {
    let output = workspace.run(&[command, &["-no-color", "-input=false"]].concat());
    let text = format!("{}{}", output.stdout, output.stderr);
    let lines = text.lines().skip_while(|it| !it.starts_with(from));
    let lines =
        lines.take_while(|it| !it.starts_with("Outputs:")).filter(|it| !it.contains("Still modifying"));
    let lines: Vec<String> = lines.map(|it| fixed(it.trim_end())).collect();
    format!("$ terraform {}\n{}\n\n", command.join(" "), lines.join("\n").trim_end())
}

/// A line without what differs from run to run.
fn fixed(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_start_matches("[id=").trim_matches(['"', ']']);
        let is_id = bare.len() == ID.len() && bare.chars().all(|it| it.is_ascii_hexdigit());
        let is_time = line.contains("complete after")
            && word.ends_with('s')
            && word[..1].chars().all(|it| it.is_ascii_digit());
        match (is_id, is_time) {
            (true, _) => word.replace(bare, ID),
            (_, true) => "2s".to_owned(),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
