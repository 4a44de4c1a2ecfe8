//! Every code block of README, index and guides is tried, by its language: `terraform` is formatted, valid and, where it
//! says so, applied on the mock; `shell` holds commands that exist.
//!
//! A comment on the line above a block says what is special about it; readers do not see it:
//! `<!-- block: applied -->`, `<!-- block: continued -->` (one configuration with the block before it),
//! `<!-- block: newest -->` (tried by Terraform 1.16 or newer alone, which has actions), `<!-- block: query -->` (a query
//! file, which the same alone reads), `<!-- block: identities -->` (tried by clients that import by identity), or
//! `<!-- block: not run: REASON -->`.

use mock_cloud::{MockCloud, Options};

use super::commands::Commands;
use super::{file, provider, read, texts};
use crate::cli::{Cli, Workspace};

/// What makes a block special.
#[derive(Clone, Debug, PartialEq)]
enum Mark {
    None,
    Applied,
    Continued,
    Newest,
    Query,
    Identities,
    NotRun(String),
}

impl Mark {
    /// The clients that know what is in such a block.
    fn clis(&self) -> Vec<Cli> {
        match self {
            Self::Newest | Self::Query => Cli::newest(),
            Self::Identities => Cli::all().into_iter().filter(|it| it.keeps_identities).collect(),
            _ => Cli::all(),
        }
    }
}

/// A fenced block of code.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// File and line, for the message.
    pub(super) place: String,
    language: String,
    mark: Mark,
    pub(super) text: String,
}

#[test]
fn each_configuration_of_readme_index_and_guides_is_formatted_and_valid() {
    let configurations = configurations();
    assert!(configurations.len() > 8, "the guides show configurations: {}", configurations.len());
    for it in &configurations {
        let validate: &[&str] = match it.mark {
            Mark::Query => &["validate", "-query", "-no-color"],
            _ => &["validate", "-no-color"],
        };
        for cli in it.mark.clis() {
            let workspace = workspace(&cli, it);
            for arguments in [&["fmt", "-check", "-diff", "-no-color"], validate] {
                let output = workspace.run(arguments);
                assert!(output.status.success(), "{}\n{output}", it.place);
            }
        }
    }
}

#[test]
fn each_configuration_that_says_so_is_applied_and_destroyed() {
    let applied: Vec<_> = configurations().into_iter().filter(|it| it.mark == Mark::Applied).collect();
    assert!(applied.iter().any(|it| it.place.starts_with("README.md")), "the first configuration is applied");
    for cli in Cli::all() {
        for it in &applied {
            live_through(&cli, it);
        }
    }
}

#[test]
fn readme_and_guides_name_the_mocks_address_and_key_as_they_are() {
    let cloud = MockCloud::start(Options::default());
    let url = cloud.novita_url();
    let path = url.splitn(4, '/').nth(3).expect("a path");
    for name in ["README.md", "docs/guides/getting-started.md"] {
        let text = read(&file(name));
        let url = exported(&text, "NOVITA_BASE_URL");
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with(path), "{name}: {url}");
        assert_eq!(exported(&text, "NOVITA_API_KEY"), cloud.api_key(), "{name}");
    }
}

#[test]
fn each_command_of_readme_and_guides_exists() {
    let (all, newest) = (Commands::known(&Cli::all()), Commands::known(&Cli::newest()));
    let shells = blocks().into_iter().filter(|it| ["sh", "shell"].contains(&it.language.as_str()));
    let mut wrong = Vec::new();
    for block in shells.filter(|it| !matches!(it.mark, Mark::NotRun(_))) {
        let commands = if block.mark == Mark::Newest { &newest } else { &all };
        let faults = commands.faults(&block.text);
        wrong.extend(faults.into_iter().map(|fault| format!("{}: {fault}", block.place)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_block_is_in_a_language_that_is_tried_or_says_why_not() {
    for block in blocks() {
        let is_tried = ["terraform", "sh", "shell"].contains(&block.language.as_str());
        let has_reason = matches!(&block.mark, Mark::NotRun(reason) if reason.len() > 15);
        assert!(
            is_tried || has_reason,
            "{}: {:?} is not tried: give the reason",
            block.place,
            block.language
        );
        assert!(!matches!(&block.mark, Mark::NotRun(_)) || has_reason, "{}: give the reason", block.place);
    }
}

#[test]
fn each_link_of_readme_leads_to_a_file() {
    let text = read(&file("README.md"));
    let targets = text.split("](").skip(1).filter_map(|it| it.split_once(')')).map(|(target, _)| target);
    for target in targets.filter(|it| !it.contains("://") && !it.starts_with('#')) {
        assert!(file(target).is_file(), "README.md links to {target}, which does not exist");
    }
}

#[test]
fn a_block_is_read_with_its_mark_and_its_place() {
    let text =
        "# Title\n<!-- block: not run: needs a key -->\n```shell\nmake\n```\n```terraform\na = 1\n```\n";
    let found = blocks_of("a.md", text);
    let expected = Mark::NotRun("needs a key".to_owned());
    assert_eq!((&*found[0].place, &*found[0].language, &found[0].mark), ("a.md:3", "shell", &expected));
    assert_eq!((&*found[1].text, &found[1].mark, found.len()), ("a = 1\n", &Mark::None, 2));
}

/// The first value that a text gives a variable.
fn exported<'a>(text: &'a str, variable: &str) -> &'a str {
    let (_, after) = text.split_once(&format!("{variable}=")).expect("the variable is set");
    after.split_whitespace().next().unwrap_or_default()
}

fn live_through(cli: &Cli, it: &Block) {
    let cloud = MockCloud::start(Options::default());
    let mut workspace = workspace(cli, it);
    workspace.write("test_override.tf", "provider \"novita\" {\n  poll_interval = \"20ms\"\n}\n");
    workspace.set("NOVITA_BASE_URL", &cloud.novita_url());
    workspace.set("NOVITA_API_KEY", cloud.api_key());
    workspace.set("NOVACLOUD_BASE_URL", &cloud.novacloud_url());
    workspace.set("NOVACLOUD_API_KEY", cloud.novacloud_api_key());
    workspace.set("TF_VAR_notebook_token", "an-invented-token");
    let applied = workspace.try_apply();
    assert!(applied.status.success(), "{}\n{applied}", it.place);
    workspace.assert_nothing_to_do();
    workspace.destroy();
    assert!(cloud.alive().is_empty(), "{} left something alive: {:?}", it.place, cloud.alive());
}

/// The configuration alone, or with the provider's block where it has none of its own.
pub(super) fn workspace(cli: &Cli, it: &Block) -> Workspace {
    let workspace = match it.mark {
        Mark::Query => {
            let workspace = Workspace::new(cli, "");
            workspace.write("all.tfquery.hcl", &it.text);
            workspace
        }
        _ => Workspace::new(cli, &it.text),
    };
    if !it.text.contains("required_providers") {
        let provider = provider();
        let (settings, block) = provider.split_once("\n# ").expect("two parts");
        workspace.write("terraform.tf", settings);
        if !it.text.contains("provider \"novita\"") {
            workspace.write("provider.tf", &format!("# {block}"));
        }
    }
    workspace
}

/// The blocks of configuration, those that go on put together with what they go on from.
pub(super) fn configurations() -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    for block in blocks().into_iter().filter(|it| it.language == "terraform") {
        match (&block.mark, all.last_mut()) {
            (Mark::NotRun(_), _) => {}
            (Mark::Continued, Some(before)) => before.text = format!("{}\n{}", before.text, block.text),
            _ => all.push(block),
        }
    }
    all
}

fn blocks() -> Vec<Block> {
    texts().iter().flat_map(|(name, text)| blocks_of(name, text)).collect()
}

fn blocks_of(name: &str, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut is_open, mut before) = (false, "");
    for (number, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(language) if !is_open => blocks.push(Block {
                place: format!("{name}:{}", number + 1),
                language: language.trim().to_owned(),
                mark: mark(name, before),
                text: String::new(),
            }),
            None if is_open => {
                let block = blocks.last_mut().expect("an open block");
                block.text += &format!("{line}\n");
            }
            _ => {}
        }
        is_open ^= line.trim_start().starts_with("```");
        before = line;
    }
    assert!(!is_open, "{name} ends within a block");
    blocks
}

fn mark(name: &str, line: &str) -> Mark {
    let Some(words) = line.trim().strip_prefix("<!-- block: ").and_then(|it| it.strip_suffix(" -->")) else {
        return Mark::None;
    };
    match words {
        "applied" => Mark::Applied,
        "continued" => Mark::Continued,
        "newest" => Mark::Newest,
        "query" => Mark::Query,
        "identities" => Mark::Identities,
        _ => {
            let reason = words.strip_prefix("not run: ");
            Mark::NotRun(reason.unwrap_or_else(|| panic!("{name}: unknown mark {words:?}")).to_owned())
        }
    }
}
