//! What the registry makes of the pages: where links lead, under which heading a page is listed, and that each
//! configuration names a version.

use super::{all_pages, entries, file, name_of, read, texts};

/// Where the registry serves the pages of `docs/`.
pub(super) const REGISTRY: &str = "https://registry.terraform.io/providers/novita/novita/latest/docs";

/// Where the files of this repository are.
const REPOSITORY: &str = "https://github.com/novita/terraform-provider-novita";

/// Other sites that pages may link.
const SITES: [&str; 5] = [
    "https://novita.ai/docs/",
    "https://docs.nova-cloud.ai/",
    "https://developer.hashicorp.com/",
    "https://github.com/hashicorp/terraform-plugin-docs",
    "https://pkg.go.dev/",
];

#[test]
fn each_link_of_a_page_leads_somewhere() {
    let mut faults = Vec::new();
    for (name, text) in all_pages() {
        let found = targets(&text);
        faults.extend(found.iter().filter_map(|it| fault(&text, it)).map(|it| format!("docs/{name}: {it}")));
        if name != "index.md" && !name.starts_with("guides/") && !text.contains("Vendor documentation: [") {
            faults.push(format!("docs/{name}: links no page of the vendor"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = "## A title, so\n<a id=\"nestedblock--a\"></a>\n";
    let good = [
        "#a-title-so".to_owned(),
        "#nestedblock--a".to_owned(),
        format!("{REGISTRY}/guides/money"),
        format!("{REGISTRY}/guides/money#billing"),
        format!("{REPOSITORY}/issues"),
        format!("{REPOSITORY}/tree/main/examples/policies"),
        "https://docs.nova-cloud.ai/faq".to_owned(),
    ];
    for it in good {
        assert_eq!(fault(page, &it), None, "{it}");
    }
    let wrong = [
        "#other".to_owned(),
        "guides/money.md".to_owned(),
        "../../benches/plots/growth.svg".to_owned(),
        format!("{REGISTRY}/guides/none"),
        format!("{REGISTRY}/guides/money#none"),
        format!("{REPOSITORY}/tree/main/examples/none"),
        "https://example.com".to_owned(),
    ];
    for it in wrong {
        assert!(fault(page, &it).is_some(), "{it}");
    }
}

#[test]
fn each_page_of_a_type_is_listed_under_its_vendor() {
    let mut seen = 0;
    for (name, text) in
        all_pages().into_iter().filter(|(name, _)| name.contains('/') && !name.starts_with("guides/"))
    {
        let vendor = if name.contains("/novacloud_") { "Nova Cloud" } else { "Novita AI" };
        assert!(
            text.contains(&format!("\nsubcategory: \"{vendor}\"\n")),
            "docs/{name} is not under {vendor}"
        );
        seen += 1;
    }
    assert!(seen > 40, "{seen} pages of types");
}

#[test]
fn each_page_that_is_served_has_a_description() {
    for (name, text) in all_pages() {
        assert!(text.contains("\ndescription: "), "docs/{name} has no description");
    }
}

#[test]
fn each_required_provider_of_pages_and_examples_has_a_version() {
    let pages = all_pages().into_iter().map(|(name, text)| (format!("docs/{name}"), text));
    let mut seen = 0;
    for (name, text) in pages.chain(texts()).chain(examples(&file("examples"))) {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (at, _) in lines.iter().enumerate().filter(|(_, it)| is_source(it)) {
            let next = lines.get(at + 1).copied().unwrap_or_default();
            assert!(next.starts_with("version = \"~> "), "{name}:{}: no version", at + 1);
            seen += 1;
        }
    }
    assert!(seen > 12, "{seen} blocks were seen");
    assert!(is_source("source  = \"novita/novita\"") && !is_source("source = \"hashicorp/random\""));
}

/// Whether a line is the address of this provider.
fn is_source(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(name, value)| name.trim() == "source" && value.trim().starts_with("\"novita/"))
}

/// The configurations below a folder.
fn examples(folder: &std::path::Path) -> Vec<(String, String)> {
    let parts = entries(folder).into_iter().map(|it| match it.is_dir() {
        true => examples(&it),
        false if it.extension().is_some_and(|it| it == "tf") => vec![(name_of(&it), read(&it))],
        false => Vec::new(),
    });
    parts.flatten().collect()
}

/// The targets of a page's links and pictures.
fn targets(text: &str) -> Vec<String> {
    let found = text.split("](").skip(1).filter_map(|it| it.split_once(')'));
    found.map(|(target, _)| target.to_owned()).collect()
}

/// Why a link leads nowhere from this page, if it does.
fn fault(page: &str, target: &str) -> Option<String> {
    let (address, anchor) = target.split_once('#').map_or((target, None), |(it, anchor)| (it, Some(anchor)));
    let linked;
    let text = if address.is_empty() {
        page
    } else if let Some(path) = address.strip_prefix(REGISTRY) {
        let path = file(&format!("docs{path}.md"));
        if !path.is_file() {
            return Some(format!("{target}: there is no such page"));
        }
        linked = read(&path);
        &linked
    } else if let Some(path) = address.strip_prefix(REPOSITORY) {
        let path = path.strip_prefix("/tree/main/");
        return path.filter(|it| !file(it).exists()).map(|it| format!("{target}: there is no {it}"));
    } else if SITES.iter().any(|it| address.starts_with(it)) {
        return None;
    } else {
        return Some(format!("{target}: relative, or of a site that is not listed"));
    };
    let has = |anchor: &str| {
        let mut titles = text.lines().filter(|it| it.starts_with('#')).map(slug);
        text.contains(&format!("<a id=\"{anchor}\">")) || titles.any(|it| it == anchor)
    };
    anchor.filter(|it| !has(it)).map(|it| format!("{target}: the page has no title {it}"))
}

/// The anchor of a title, as the registry makes it.
fn slug(title: &str) -> String {
    let title = title.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}
