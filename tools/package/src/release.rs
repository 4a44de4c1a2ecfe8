//! The three steps of a release: an archive for each platform, then what speaks for all of them, then signatures.
//!
//! The steps can be taken by different machines. Only the last one needs the key, and it runs no other program. The
//! last two are told the platforms, and refuse a folder that lacks an archive of one or holds anything else.

use std::collections::{BTreeMap, BTreeSet};
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

/// Packs `program` for `platform`, once under each name, and returns the checksums of the archives in the form of
/// `sha256sum`.
pub fn archive(release: &Release, platform: &Platform, program: &Path) -> Result<String> {
    let program = read(program)?;
    let licence = read(&release.root.join("LICENSE"))?;
    for name in NAMES {
        let inner = platform.program(&format!("terraform-provider-{name}_v{}", release.version));
        let members = vec![
            Member { name: "LICENSE", bytes: &licence, executable: false },
            Member { name: &inner, bytes: &program, executable: true },
        ];
        write(&release.dist, &release.archive(name, platform), &archive::zip(members, release.time)?)?;
    }
    release.sums(&release.archives(platform))
}

/// Writes the manifest, the list of parts and the checksums of everything, and returns the names of all files.
///
/// `built` is what the builders said of their archives: a JSON object whose keys are targets and whose values are
/// what [`archive()`] returned. Archives that are not those are refused.
pub fn sum_up(release: &Release, platforms: &[Platform], built: Option<&str>) -> Result<Vec<String>> {
    must_be_complete(release, platforms)?;
    if let Some(built) = built {
        must_be_as_built(release, platforms, built)?;
    }
    let manifest = read(&release.root.join("terraform-registry-manifest.json"))?;
    let mut written = Vec::new();
    for name in NAMES {
        let [described, listed, sums, signature] = release.described(name);
        write(&release.dist, &described, &manifest)?;
        let bill = parts::list(&release.root, name, &release.version, release.time)?;
        write(&release.dist, &listed, bill.as_bytes())?;
        let files = release.summed_up(name, platforms);
        write(&release.dist, &sums, release.sums(&files)?.as_bytes())?;
        remove(&release.dist.join(signature))?;
        written.extend(files);
        written.push(sums);
    }
    Ok(written)
}

/// Signs the checksums, if they are those of exactly the files that the release has to hold, and returns the names of
/// the signatures.
pub fn sign(release: &Release, platforms: &[Platform], key: &Key) -> Result<Vec<String>> {
    must_be_complete(release, platforms)?;
    let mut written = Vec::new();
    for name in NAMES {
        let [_, _, sums, signature] = release.described(name);
        let text = read(&release.dist.join(&sums))?;
        if text != release.sums(&release.summed_up(name, platforms))?.as_bytes() {
            return Err(Problem::new(format!(
                "{sums} is not the list of what is in {}: make package-sum writes it",
                release.dist.display()
            )));
        }
        write(&release.dist, &signature, &key.sign(&text)?)?;
        written.push(signature);
    }
    Ok(written)
}

/// Refuses a folder that lacks an archive of one of `platforms`, or holds a file that is no part of the release.
fn must_be_complete(release: &Release, platforms: &[Platform]) -> Result<()> {
    must_hold_nothing_else(release, platforms)?;
    let lacking = platforms.iter().filter(|it| {
        let archives = release.archives(it);
        archives.iter().any(|it| !release.dist.join(it).exists())
    });
    let lacking: Vec<&str> = lacking.map(|it| it.target.as_str()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{} lacks the archives for {}: make package-zip TARGET=… makes those of one",
        release.dist.display(),
        lacking.join(", ")
    )))
}

/// Refuses a folder that holds a file that is no part of a release for `platforms`.
pub fn must_hold_nothing_else(release: &Release, platforms: &[Platform]) -> Result<()> {
    let archives = platforms.iter().flat_map(|it| release.archives(it));
    let parts: BTreeSet<String> =
        archives.chain(NAMES.into_iter().flat_map(|it| release.described(it))).collect();
    let strange: Vec<String> = release.present()?.into_iter().filter(|it| !parts.contains(it)).collect();
    if strange.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{} holds what is no part of this release: {}; remove it first",
        release.dist.display(),
        strange.join(", ")
    )))
}

/// Refuses archives that are not those that their builders told of.
fn must_be_as_built(release: &Release, platforms: &[Platform], built: &str) -> Result<()> {
    let built: BTreeMap<String, String> = serde_json::from_str(built)
        .map_err(Problem::while_doing("what the builders say of their archives"))?;
    for platform in platforms {
        let target = &platform.target;
        let told = built.get(target).map(String::as_str).unwrap_or_default();
        let found = release.sums(&release.archives(platform))?;
        if !told.split_whitespace().eq(found.split_whitespace()) {
            return Err(Problem::new(format!(
                "the archives for {target} are not those that their builder made: it told of `{}`, here is `{}`",
                told.trim(),
                found.trim()
            )));
        }
    }
    Ok(())
}

impl Release {
    /// The name of a file of this release.
    pub fn file(&self, name: &str, rest: &str) -> String {
        format!("terraform-provider-{name}_{}_{rest}", self.version)
    }

    fn archive(&self, name: &str, platform: &Platform) -> String {
        self.file(name, &format!("{}_{}.zip", platform.os, platform.arch))
    }

    /// The archives for a platform, one under each name.
    fn archives(&self, platform: &Platform) -> Vec<String> {
        NAMES.map(|name| self.archive(name, platform)).to_vec()
    }

    /// What describes the archives under one name: manifest, list of parts, checksums and their signature.
    fn described(&self, name: &str) -> [String; 4] {
        ["manifest.json", "sbom.cdx.json", "SHA256SUMS", "SHA256SUMS.sig"].map(|rest| self.file(name, rest))
    }

    /// The files under one name that the checksums speak for, sorted.
    fn summed_up(&self, name: &str, platforms: &[Platform]) -> Vec<String> {
        let [described, listed, _, _] = self.described(name);
        let mut files: Vec<String> = platforms.iter().map(|it| self.archive(name, it)).collect();
        files.extend([described, listed]);
        files.sort();
        files
    }

    /// The checksums of files that are in the folder.
    fn sums(&self, files: &[String]) -> Result<String> {
        let contents = files.iter().map(|it| read(&self.dist.join(it))).collect::<Result<Vec<_>>>()?;
        Ok(sums::list(files.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice))))
    }

    /// The names of everything in the folder, sorted.
    fn present(&self) -> Result<BTreeSet<String>> {
        let failed = || Problem::while_doing(format!("{} cannot be read", self.dist.display()));
        if !self.dist.exists() {
            return Ok(BTreeSet::new());
        }
        let entries = std::fs::read_dir(&self.dist).map_err(failed())?;
        entries.map(|it| Ok(it.map_err(failed())?.file_name().to_string_lossy().into_owned())).collect()
    }
}

/// Removes a file that may be there: a signature of an earlier run would belong to other checksums.
fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Problem::new(format!("{} cannot be removed: {error}", path.display())))
        }
        _ => Ok(()),
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
