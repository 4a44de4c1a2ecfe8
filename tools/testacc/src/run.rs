//! The suite: look at the catalogues, then one life after the other, then sweep up whatever happened.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::PREFIX;
use crate::case::{self, Case};
use crate::cli::{Failure, Workspace};
use crate::cloud::Cloud;
use crate::notes;
use crate::settings::{Kind, Settings};
use crate::sweep::sweep;

/// Lines of a failed command that a report shows.
const SHOWN_LINES: usize = 40;

/// Runs everything. Whether it all went well and nothing is left.
pub(crate) async fn run(settings: &Settings, out: &mut dyn Write) -> io::Result<bool> {
    let number = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let prefix = format!("{PREFIX}{number}-");
    let folder = settings.directory.join(number.to_string());
    let cap = settings.max_hourly_price;
    writeln!(out, "testacc: names begin with {prefix}; one thing at a time, for at most {cap} USD per hour")?;

    let stopped = stop_flag();
    let lives = Lives { settings, folder: &folder, prefix: &prefix, stopped: &stopped };
    let good = lives.all(out).await;
    // Before anything is returned: whatever failed, money must not go on flowing.
    let clean = sweep(settings, &prefix, Some(&folder), out).await?;
    let good = good?;
    writeln!(out, "testacc: {}", if good && clean { "all is well" } else { "FAILED" })?;
    Ok(good && clean)
}

/// Becomes true with the first interrupt, which then does not end this program: it has to sweep up.
fn stop_flag() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopped);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            flag.store(true, Ordering::Relaxed);
        }
    });
    stopped
}

struct Lives<'r> {
    settings: &'r Settings,
    folder: &'r Path,
    prefix: &'r str,
    stopped: &'r AtomicBool,
}

impl Lives<'_> {
    /// All of them, also after one that failed. Whether none did.
    async fn all(&self, out: &mut dyn Write) -> io::Result<bool> {
        let catalogues = match self.catalogues().await {
            Ok(workspace) => workspace,
            Err(failure) => return report(out, "catalogues", "read", &failure).map(|()| false),
        };
        let mut good = true;
        for kind in &self.settings.kinds {
            if self.stopped.load(Ordering::Relaxed) {
                writeln!(out, "{:10} not begun: interrupted", kind.as_str())?;
                good = false;
                continue;
            }
            let chosen = match catalogues.output(kind.as_str()).await {
                Ok(products) => self.case(*kind, &products),
                Err(failure) => Err(failure.0),
            };
            good &= match chosen {
                Ok(case) => self.live(*kind, &case, out).await?,
                Err(refusal) => {
                    writeln!(out, "{:10} REFUSED: {refusal}", kind.as_str())?;
                    false
                }
            };
        }
        Ok(good)
    }

    async fn catalogues(&self) -> Result<Workspace<'_>, Failure> {
        let workspace = Workspace::new(self.settings, &self.folder.join("catalogues"))?;
        workspace.configure(&case::catalogues(self.settings))?;
        workspace.apply().await?;
        Ok(workspace)
    }

    fn case(&self, kind: Kind, products: &Value) -> Result<Case, String> {
        case::case(kind, self.settings, &format!("{}{}", self.prefix, kind.as_str()), products)
    }

    /// One life from creation to destruction, which is tried even when something before it failed.
    async fn live(&self, kind: Kind, case: &Case, out: &mut dyn Write) -> io::Result<bool> {
        let name = kind.as_str();
        writeln!(out, "{name:10} {}", case.title)?;
        let folder = self.folder.join(name);
        let workspace = Workspace::new(self.settings, &folder)?;
        if kind == Kind::Vm
            && let Err(fault) = self.note_vms(&folder).await
        {
            writeln!(out, "{name:10} REFUSED: the VMs of others must be known before one is made: {fault}")?;
            return Ok(false);
        }
        let mut good = true;
        if let Err((step, failure)) = self.steps(&workspace, case).await {
            report(out, name, step, &failure)?;
            good = false;
        }
        match workspace.destroy().await {
            Ok(()) if good => writeln!(out, "{name:10} created, changed, destroyed; plans were empty")?,
            Ok(()) => writeln!(out, "{name:10} destroyed")?,
            Err(failure) => {
                report(out, name, "destroy", &failure)?;
                good = false;
            }
        }
        Ok(good)
    }

    async fn note_vms(&self, folder: &Path) -> Result<(), String> {
        let others = Cloud::new(self.settings)?.vms().await?;
        let ids: Vec<String> = others.into_iter().map(|it| it.id).collect();
        notes::before_vm(folder, &ids).map_err(|error| error.to_string())
    }

    async fn steps(&self, workspace: &Workspace<'_>, case: &Case) -> Result<(), (&'static str, Failure)> {
        let at = |step: &'static str| move |failure: Failure| (step, failure);
        let written = |result: io::Result<()>| result.map_err(|error| ("write", error.into()));
        written(workspace.configure(&case.made))?;
        workspace.apply().await.map_err(at("create"))?;
        self.check_price(workspace).await.map_err(at("price"))?;
        workspace.nothing_to_do().await.map_err(at("plan after create"))?;
        let id = workspace.output("id").await.map_err(at("output"))?;
        written(workspace.configure(&case.changed))?;
        workspace.apply().await.map_err(at("change"))?;
        workspace.nothing_to_do().await.map_err(at("plan after change"))?;
        match workspace.output("id").await.map_err(at("output"))? {
            now if now == id => Ok(()),
            now => Err(("change", Failure(format!("it was replaced: {id} became {now}")))),
        }
    }

    /// The price that the thing itself tells. Where it tells none, the catalogue's was looked at.
    async fn check_price(&self, workspace: &Workspace<'_>) -> Result<(), Failure> {
        let cap = self.settings.max_hourly_price;
        match workspace.output("price").await?.as_f64() {
            Some(price) if price > cap => {
                Err(Failure(format!("it costs {price} USD per hour, more than the cap of {cap}")))
            }
            _ => Ok(()),
        }
    }
}

fn report(out: &mut dyn Write, name: &str, step: &str, failure: &Failure) -> io::Result<()> {
    writeln!(out, "{name:10} FAILED: {step}")?;
    let lines: Vec<&str> = failure.0.lines().collect();
    for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}
