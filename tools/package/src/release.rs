//! The two halves of a release: an archive for each platform, then what speaks for all of them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use semver::Version;

use crate::archive::{self, Member};
use crate::platform::Platform;
use crate::signing::Key;
use crate::{NAMES, Problem, Result, parts, sums};

/// What all files of a release have in common.
#[derive(Debug, Clone)]
pub struct Release {
    /// The root of the source tree.
    pub root: PathBuf,
    /// Where the files go.
    pub dist: PathBuf,
    pub version: Version,
    /// What every file says about its time.
    pub time: Timestamp,
}

/// Packs `program` for `platform`, once under each name, and returns the names of the archives.
pub fn archive(release: &Release, platform: &Platform, program: &Path) -> Result<Vec<String>> {
    let program = read(program)?;
    let licence = read(&release.root.join("LICENSE"))?;
    let mut written = Vec::new();
    for name in NAMES {
        let inner = platform.program(&format!("terraform-provider-{name}_v{}", release.version));
        let members = vec![
            Member { name: "LICENSE", bytes: &licence, executable: false },
            Member { name: &inner, bytes: &program, executable: true },
        ];
        let file = release.file(name, &format!("{}_{}.zip", platform.os, platform.arch));
        write(&release.dist, &file, &archive::zip(members, release.time)?)?;
        written.push(file);
    }
    Ok(written)
}

/// Writes the manifest, the list of parts, the checksums of everything and, with a key, their signature. All
/// archives of the release have to be in its folder by now.
pub fn finish(release: &Release, key: Option<&Key>) -> Result<Vec<String>> {
    let manifest = read(&release.root.join("terraform-registry-manifest.json"))?;
    let mut written = Vec::new();
    for name in NAMES {
        let archives = release.archives(name)?;
        if archives.is_empty() {
            return Err(Problem::new(format!(
                "{} holds no {}: make package-zip makes one",
                release.dist.display(),
                release.file(name, "OS_ARCH.zip")
            )));
        }
        let (listed, described) = (release.file(name, "sbom.cdx.json"), release.file(name, "manifest.json"));
        write(&release.dist, &described, &manifest)?;
        let bill = parts::list(&release.root, name, &release.version, release.time)?;
        write(&release.dist, &listed, bill.as_bytes())?;
        let mut all = [archives, vec![listed, described]].concat();
        all.sort();
        written.extend(all.iter().cloned());
        written.extend(sum_up(release, name, &all, key)?);
    }
    Ok(written)
}

fn sum_up(release: &Release, name: &str, files: &[String], key: Option<&Key>) -> Result<Vec<String>> {
    let contents = files.iter().map(|it| read(&release.dist.join(it))).collect::<Result<Vec<_>>>()?;
    let sums = sums::list(files.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice)));
    let file = release.file(name, "SHA256SUMS");
    let signature = format!("{file}.sig");
    write(&release.dist, &file, sums.as_bytes())?;
    if let Some(key) = key {
        write(&release.dist, &signature, &key.sign(sums.as_bytes())?)?;
        return Ok(vec![file, signature]);
    }
    // One of an earlier run would belong to other checksums.
    match std::fs::remove_file(release.dist.join(&signature)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Problem::new(format!("{signature}: {error}")))
        }
        _ => Ok(vec![file]),
    }
}

impl Release {
    /// The name of a file of this release.
    pub fn file(&self, name: &str, rest: &str) -> String {
        format!("terraform-provider-{name}_{}_{rest}", self.version)
    }

    /// The names of the archives of all platforms that are in the folder.
    fn archives(&self, name: &str) -> Result<Vec<String>> {
        let failed = || Problem::while_doing(format!("{} cannot be read", self.dist.display()));
        let mut found = Vec::new();
        if !self.dist.exists() {
            return Ok(found);
        }
        for entry in std::fs::read_dir(&self.dist).map_err(failed())? {
            let file = entry.map_err(failed())?.file_name().to_string_lossy().into_owned();
            if file.starts_with(&self.file(name, "")) && file.ends_with(".zip") {
                found.push(file);
            }
        }
        Ok(found)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(Problem::while_doing(format!("{} cannot be read", path.display())))
}

fn write(folder: &Path, file: &str, bytes: &[u8]) -> Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join(file), bytes))
        .map_err(Problem::while_doing(format!("{} cannot be written", folder.join(file).display())))
}
