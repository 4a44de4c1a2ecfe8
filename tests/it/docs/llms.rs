//! `docs/llms.txt`, which lists all pages for language models: one line for each, from its front matter. `UPDATE_EXPECT=1`
//! writes it, after the pages.

use super::links::REGISTRY;
use super::{all_pages, file, read};

#[test]
fn the_list_of_pages_is_what_the_pages_say() {
    let (path, text) = (file("docs/llms.txt"), list());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).expect("the list is written");
    }
    assert!(read(&path) == text, "docs/llms.txt is stale: run `make docs`");
    assert_eq!(text.matches("\n- [").count(), all_pages().len(), "one line for each page");
}

/// The titles of the list, and the folders below them.
const PARTS: [(&str, &str); 7] = [
    ("Provider", ""),
    ("Guides", "guides/"),
    ("Resources", "resources/"),
    ("Data sources", "data-sources/"),
    ("Ephemeral resources", "ephemeral-resources/"),
    ("List resources", "list-resources/"),
    ("Actions", "actions/"),
];

fn list() -> String {
    let pages = all_pages();
    let about =
        front(&pages.iter().find(|(name, _)| name == "index.md").expect("the index").1, "description");
    let mut text = format!("# Terraform and OpenTofu provider novita/novita\n\n> {about}\n");
    for (title, folder) in PARTS {
        text += &format!("\n## {title}\n\n");
        let is_in = |name: &str| name.strip_prefix(folder).is_some_and(|it| !it.contains('/'));
        for (name, page) in pages.iter().filter(|(name, _)| is_in(name)) {
            let address = if name == "index.md" { "" } else { name.strip_suffix(".md").expect("a page") };
            let title = front(page, "page_title").replace(" - novita", "");
            text += &format!("- [{title}]({REGISTRY}/{address}): {}\n", front(page, "description"));
        }
    }
    text
}

/// A value of the front matter: a text in quotes, or the first line of a block.
fn front(page: &str, name: &str) -> String {
    let mut lines = page.lines().skip_while(|it| !it.starts_with(&format!("{name}:")));
    let line = lines.next().unwrap_or_default().split_once(':').map_or("", |(_, it)| it.trim());
    match line {
        "|-" => lines.next().unwrap_or_default().trim().to_owned(),
        _ => line.trim_matches('"').to_owned(),
    }
}
