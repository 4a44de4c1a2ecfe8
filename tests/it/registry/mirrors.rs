//! Mirrors: folders in place of a registry.

use std::path::Path;

use super::install::hashes;
use super::server::Registry;
use super::shelf::{MAINTAINER, SIGNED, Shelf, VERSION};
use super::workspace;
use crate::cli::{Cli, Workspace, quoted};

/// A CLI that takes providers from `folder` and from nowhere else.
fn mirrored(cli: &Cli, folder: &Path) -> Workspace {
    let hcl = format!("{}{}", super::requires("novita", "novita/novita"), super::RESOURCES);
    let workspace = Workspace::new(cli, &hcl);
    workspace.configure_cli(&format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {}\n  }}\n}}\n",
        quoted(&folder.to_string_lossy())
    ));
    workspace
}

/// Installs from `folder`, makes sure that it works, and returns what was locked.
fn check_installs(cli: &Cli, folder: &Path) -> Vec<String> {
    let workspace = mirrored(cli, folder);
    workspace.init().succeeded().says(&[&format!("Installed novita/novita v{VERSION}")]);
    workspace.run(&["validate", "-no-color"]).succeeded().says(&["Success!"]);
    hashes(&workspace)
}

#[test]
fn packed_and_unpacked_mirrors_give_the_same_hash() {
    for cli in Cli::all() {
        let (packed, unpacked) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let place = Path::new(cli.default_host).join("novita/novita");
        std::fs::create_dir_all(packed.path().join(&place)).unwrap();
        let archive = SIGNED.archive("novita");
        std::fs::copy(SIGNED.path().join(&archive), packed.path().join(&place).join(&archive)).unwrap();
        let platform = unpacked.path().join(&place).join(VERSION).join(SIGNED.platform());
        let bytes = std::fs::read(SIGNED.path().join(&archive)).unwrap();
        zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap().extract(&platform).unwrap();

        let hashes = [packed, unpacked].map(|it| check_installs(&cli, it.path()));
        let h1 = |it: &[String]| it.iter().find(|it| it.starts_with("h1:")).cloned().expect("an h1 hash");
        assert_eq!(h1(&hashes[0]), h1(&hashes[1]), "{}", cli.name);
    }
}

#[test]
fn providers_mirror_fills_a_folder_that_init_takes() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let folder = tempfile::tempdir().unwrap();
        let platform = format!("-platform={}", SIGNED.platform());
        let target = folder.path().to_string_lossy().into_owned();
        workspace(&cli, &registry).run(&["providers", "mirror", &platform, &target]).succeeded();
        let place = folder.path().join(cli.default_host).join("novita/novita");
        assert!(place.join(SIGNED.archive("novita")).is_file() && place.join("index.json").is_file());
        check_installs(&cli, folder.path());
    }
}

#[test]
fn lock_from_a_mirror_gives_the_hash_that_the_registry_gives() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(cli.default_host).join("novita/novita");
        std::fs::create_dir_all(&place).unwrap();
        let archive = SIGNED.archive("novita");
        std::fs::copy(SIGNED.path().join(&archive), place.join(&archive)).unwrap();
        let platform = format!("-platform={}", SIGNED.platform());
        let mirror = format!("-fs-mirror={}", folder.path().display());
        let workspace = workspace(&cli, &registry);
        workspace.run(&["providers", "lock", &platform, &mirror]).succeeded();
        let locked = hashes(&workspace);
        workspace.init().succeeded();
        assert!(locked.iter().all(|it| hashes(&workspace).contains(it)), "{}: {locked:?}", cli.name);
    }
}

#[test]
fn an_archive_that_was_damaged_in_a_mirror_is_not_installed() {
    for cli in Cli::all() {
        let shelf = Shelf::small(true);
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(cli.default_host).join("novita/novita");
        std::fs::create_dir_all(&place).unwrap();
        let bytes = std::fs::read(shelf.path().join(shelf.archive("novita"))).unwrap();
        std::fs::write(place.join(shelf.archive("novita")), &bytes[..bytes.len() / 2]).unwrap();
        mirrored(&cli, folder.path()).init().failed();
    }
}
