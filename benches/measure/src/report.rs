//! The pages that people read: `report.md` with all tables, the plots, and with `--record` the README of the benches.

use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::failure::{Result, While as _, failed};
use crate::machine::About;
use crate::results::Results;
use crate::{plots, record, tables, targets};

const README: &str = "benches/README.md";
const PLOTS: &str = "benches/plots";

/// Writes all pages; answers where the report is.
pub(crate) fn write(results: &Results, arguments: &Arguments) -> Result<PathBuf> {
    if results.startup.is_none() && results.estates.is_none() && results.accounts.is_none() {
        return failed("nothing was measured yet: run `make bench`");
    }
    let path = arguments.out.join("report.md");
    save(&path, &page(results))?;
    draw(results, &arguments.out)?;
    if arguments.record {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        into_readme(results, &root.join(README))?;
        draw(results, &root.join(PLOTS))?;
    }
    Ok(path)
}

fn page(results: &Results) -> String {
    let parts = parts(results).map(|(name, text)| format!("## {}\n\n{text}\n", title(name)));
    format!("# What the bench has measured\n\n{}", parts.concat())
}

fn title(name: &str) -> &str {
    match name {
        "machine" => "Machine",
        "startup" => "Start-up",
        "estates" => "Estates",
        "accounts" => "Large accounts",
        _ => "Targets",
    }
}

/// The parts of the report by the names of their comments in the README.
fn parts(results: &Results) -> [(&'static str, String); 5] {
    let (startup, estates) = (results.startup.as_ref(), results.estates.as_ref());
    let abouts = [startup.map(|it| ("Start-up", &it.about)), estates.map(|it| ("Estates", &it.about))];
    [
        ("machine", abouts.into_iter().flatten().map(about).collect()),
        ("startup", startup.map(tables::startup).unwrap_or_else(unmeasured)),
        ("estates", estates.map(tables::estates).unwrap_or_else(unmeasured)),
        ("accounts", results.accounts.as_deref().map(tables::accounts).unwrap_or_else(unmeasured)),
        ("targets", targets::write(results)),
    ]
}

fn unmeasured() -> String {
    "Not measured yet.\n".to_owned()
}

fn about((what, it): (&str, &About)) -> String {
    let versions: Vec<String> =
        it.versions.iter().map(|(name, version)| format!("{name}: {version}")).collect();
    format!(
        "- {what}: {}, commit {}; {} cores ({}), {} MiB, Linux {}; {}\n",
        it.date,
        it.commit,
        it.cores,
        it.cpu,
        it.memory_mib,
        it.kernel,
        versions.join(", ")
    )
}

fn draw(results: &Results, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).doing(format!("making {}", folder.display()))?;
    if let Some(startup) = &results.startup {
        save(&folder.join("start-up.svg"), &plots::startup(startup)?)?;
    }
    if let Some(estates) = &results.estates {
        save(&folder.join("growth.svg"), &plots::growth(estates)?)?;
    }
    Ok(())
}

fn into_readme(results: &Results, path: &Path) -> Result<()> {
    let mut page = std::fs::read_to_string(path).doing(format!("reading {}", path.display()))?;
    for (name, text) in parts(results) {
        page = record::replace(&page, name, &text)?;
    }
    save(path, &page)
}

fn save(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).doing(format!("making {}", folder.display()))?;
    std::fs::write(path, text).doing(format!("writing {}", path.display()))
}
