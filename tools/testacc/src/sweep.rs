//! Removing what runs left behind, and nothing else.
//!
//! Instances and endpoints are known by the beginning of their names, VMs by the notes of the run that made
//! them. What may be ours and may be a stranger's is reported and stays.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use crate::cloud::{Cloud, Thing, What};
use crate::notes::{self, Run};
use crate::settings::Settings;

/// Looks at what is left before giving up: a removal may take some minutes.
const ROUNDS: usize = 100;
/// As many of them in a row with nothing but failures.
const FAILURES: usize = 10;
/// A removal that was accepted and shows no effect is asked for again at each so many-th look.
const ASK_AGAIN: usize = 12;

/// Removes everything whose name begins with `prefix`, and the VMs of all runs or of the one in `folder`.
/// Whether nothing is left.
pub(crate) async fn sweep(
    settings: &Settings,
    prefix: &str,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut runs = notes::runs(&settings.directory)?;
    runs.retain(|run| folder.is_none_or(|folder| run.folder == folder));
    let cloud = Cloud::new(settings).map_err(io::Error::other)?;
    let is_ours = |it: &Thing| match it.what {
        What::Instance | What::Endpoint => it.name.starts_with(prefix),
        What::Vm => runs.iter().any(|run| run.has_made(&it.id)),
    };
    let Some(strangers) = remove_all(settings, &cloud, is_ours, out).await? else {
        writeln!(
            out,
            "sweep: something is left and costs money; try `make sweep` again, or look into the consoles"
        )?;
        return Ok(false);
    };
    let mut clean = true;
    for run in &runs {
        clean &= forget(settings, run, &strangers, out)?;
    }
    if clean {
        writeln!(out, "sweep: nothing is left")?;
    }
    Ok(clean)
}

/// Removes what is ours until a list shows none of it, and returns what else there is; none: some stayed.
async fn remove_all(
    settings: &Settings,
    cloud: &Cloud,
    is_ours: impl Fn(&Thing) -> bool,
    out: &mut dyn Write,
) -> io::Result<Option<Vec<Thing>>> {
    let (mut failures, mut asked) = (0, BTreeSet::new());
    for round in 0..ROUNDS {
        if round > 0 {
            tokio::time::sleep(settings.pause).await;
        }
        let things = match cloud.things().await {
            Ok(things) => things,
            Err(fault) => {
                writeln!(out, "sweep: {fault}")?;
                failures += 1;
                if failures == FAILURES {
                    break;
                }
                continue;
            }
        };
        let (ours, strangers): (Vec<_>, Vec<_>) =
            things.into_iter().filter(|it| !it.is_gone()).partition(&is_ours);
        if ours.is_empty() {
            return Ok(Some(strangers));
        }
        let staying = ours.iter().filter(|it| !it.is_leaving());
        let staying =
            staying.filter(|it| !asked.contains(&it.id) || round % ASK_AGAIN == 0).collect::<Vec<_>>();
        let removed = ask_for_removal(cloud, &staying, out).await?;
        failures = if removed.is_empty() && staying.len() == ours.len() { failures + 1 } else { 0 };
        asked.extend(removed);
        if failures == FAILURES {
            break;
        }
    }
    Ok(None)
}

/// Asks once for each, and returns the ids of those for which that worked.
async fn ask_for_removal(cloud: &Cloud, things: &[&Thing], out: &mut dyn Write) -> io::Result<Vec<String>> {
    let mut removed = Vec::new();
    for thing in things {
        match cloud.remove(thing).await {
            Ok(()) => {
                writeln!(out, "sweep: removed {}", thing.title())?;
                removed.push(thing.id.clone());
            }
            Err(fault) => writeln!(out, "sweep: {} stays: {fault}", thing.title())?,
        }
    }
    Ok(removed)
}

/// Throws the notes of a run away, unless they are still needed. Whether they were not.
fn forget(settings: &Settings, run: &Run, strangers: &[Thing], out: &mut dyn Write) -> io::Result<bool> {
    let folder = run.folder.display();
    if run.others.is_some() && settings.novacloud.is_none() {
        writeln!(
            out,
            "sweep: {folder} tells of a VM, which was not looked for: that needs NOVACLOUD_API_KEY"
        )?;
        return Ok(false);
    }
    let suspects = strangers.iter().filter(|it| it.what == What::Vm && run.may_have_made(&it.id));
    let suspects: Vec<&str> = suspects.map(|it| it.id.as_str()).collect();
    if !suspects.is_empty() {
        writeln!(
            out,
            "sweep: a run meant to make a VM and its id is not known; these were not there before: {}. They stay: \
             remove yours in the console, then the folder {folder}",
            suspects.join(", ")
        )?;
        return Ok(false);
    }
    std::fs::remove_dir_all(&run.folder)?;
    Ok(true)
}
