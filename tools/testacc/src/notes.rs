//! What runs note on disk about VMs, which have no name that could tell whose they are.
//!
//! Before a VM is made, the ids of all others are written down; afterwards its own is in the state that the CLI
//! keeps beside that note. Only an id that is in a state and not among the others may be removed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The ids from before, beside the configuration of the VM.
const OTHERS: &str = "others.json";

/// A run that has left notes.
pub(crate) struct Run {
    pub(crate) folder: PathBuf,
    /// VMs that were there before this run made one; none: it did not come so far.
    pub(crate) others: Option<BTreeSet<String>>,
    /// VMs that are in its states.
    pub(crate) made: BTreeSet<String>,
}

impl Run {
    /// Whether this VM is surely of this run.
    pub(crate) fn has_made(&self, id: &str) -> bool {
        self.made.contains(id) && self.others.as_ref().is_some_and(|others| !others.contains(id))
    }

    /// Whether a VM may have been made whose id nobody knows, and this one was not there before.
    pub(crate) fn may_have_made(&self, id: &str) -> bool {
        self.made.is_empty() && self.others.as_ref().is_some_and(|others| !others.contains(id))
    }
}

/// Notes which VMs are others', before one is made. It is on the disk when this returns.
///
/// # Errors
/// It cannot be written, and then nothing may be made.
pub(crate) fn before_vm(folder: &Path, others: &[String]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = File::create(folder.join(OTHERS))?;
    file.write_all(&serde_json::to_vec(others)?)?;
    file.sync_all()
}

/// The runs whose notes are in this directory, oldest first; none when it does not exist.
///
/// # Errors
/// A note cannot be read, and then it is not known what may be removed.
pub(crate) fn runs(directory: &Path) -> io::Result<Vec<Run>> {
    let mut folders = entries(directory)?;
    folders.retain(|it| it.is_dir());
    folders.into_iter().map(read).collect()
}

fn read(folder: PathBuf) -> io::Result<Run> {
    let vm = folder.join("vm");
    let others = match fs::read(vm.join(OTHERS)) {
        Ok(bytes) => Some(parsed(&vm.join(OTHERS), &bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut made = BTreeSet::new();
    for file in entries(&vm)? {
        // terraform.tfstate, its backup, and errored.tfstate.
        if file.file_name().is_some_and(|it| it.to_string_lossy().contains("tfstate")) && file.is_file() {
            let state: Value = parsed(&file, &fs::read(&file)?)?;
            made.extend(vms_in(&state));
        }
    }
    Ok(Run { folder, others, made })
}

fn vms_in(state: &Value) -> BTreeSet<String> {
    let resources = state["resources"].as_array().into_iter().flatten();
    let vms = resources.filter(|it| it["mode"] == "managed" && it["type"] == "novacloud_vm");
    let instances = vms.flat_map(|it| it["instances"].as_array().into_iter().flatten());
    let ids = instances.filter_map(|it| it["attributes"]["id"].as_str());
    ids.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn parsed<T: serde::de::DeserializeOwned>(path: &Path, bytes: &[u8]) -> io::Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| io::Error::other(format!("{} cannot be read: {error}", path.display())))
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|it| Ok(it?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
