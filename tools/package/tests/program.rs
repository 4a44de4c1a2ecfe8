//! The program as `make package` runs it, in small trees of their own: what it refuses, and what it makes.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::process::{Command, Output};

use pgp::composed::{
    ArmorOptions, Deserializable, DetachedSignature, KeyType, SecretKeyParamsBuilder, SignedSecretKey,
};
use tempfile::TempDir;

/// A committed tree with what a release is made of besides the program.
fn tree() -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("LICENSE", "a licence"),
        ("terraform-registry-manifest.json", "{}"),
        ("program", "no program"),
        (".gitignore", "/dist\n/target\n"),
        ("Cargo.lock", ""),
        (
            "Cargo.toml",
            "[package]\nname = \"terraform-provider-novita\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        ),
        ("src/main.rs", "fn main() {}\n"),
    ] {
        std::fs::create_dir_all(tree.path().join(file).parent().unwrap()).unwrap();
        std::fs::write(tree.path().join(file), text).unwrap();
    }
    let lock = Command::new(env!("CARGO"))
        .args(["generate-lockfile", "--offline"])
        .current_dir(tree.path())
        .output();
    assert!(lock.unwrap().status.success());
    git(tree.path(), &["init", "--quiet"]);
    git(tree.path(), &["add", "--all"]);
    git(tree.path(), &["commit", "--quiet", "--message", "First"]);
    tree
}

fn git(tree: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=somebody",
        "-c",
        "user.email=somebody@example.org",
        "-c",
        "commit.gpgsign=false",
    ]);
    git.args(arguments).current_dir(tree).env("GIT_COMMITTER_DATE", "2026-01-02T03:04:06Z");
    assert!(git.status().expect("git is needed: a release is made of a commit").success());
}

/// Runs the program in `tree` with the words of `line` and these variables.
fn run(tree: &Path, line: &str, variables: &[(&str, &str)]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_package"));
    program.args(line.split_whitespace()).current_dir(tree).env_remove("SOURCE_DATE_EPOCH");
    for name in
        ["RELEASE_BUILT", "RELEASE_SIGNING_KEY", "RELEASE_SIGNING_KEY_FILE", "RELEASE_SIGNING_PASSPHRASE"]
    {
        program.env_remove(name);
    }
    program.envs(variables.iter().copied()).output().unwrap()
}

/// Refused with one line that contains `words`, and nothing is made.
#[track_caller]
fn check_refused(tree: &Path, line: &str, variables: &[(&str, &str)], words: &str) {
    let output = run(tree, line, variables);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.starts_with("error: ") && told.contains(words), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(!tree.join("dist").exists());
}

fn key(kind: KeyType) -> SignedSecretKey {
    let mut parameters = SecretKeyParamsBuilder::default();
    parameters.key_type(kind).can_sign(true).can_certify(true).primary_user_id("maintainer".into());
    parameters.build().unwrap().generate(rand::thread_rng()).unwrap()
}

fn armored(key: &SignedSecretKey) -> String {
    key.to_armored_string(ArmorOptions::default()).unwrap()
}

#[test]
fn what_cannot_be_released_is_refused_in_one_line() {
    let tree = tree();
    let tree = tree.path();
    check_refused(tree, "all", &[], "VERSION is missing: make package VERSION=1.2.3");
    check_refused(tree, "all --version nonsense", &[], "VERSION=nonsense is not a semantic version");
    check_refused(tree, "all --version 1.2.3 --target z80-unknown-none", &[], "no releases for the target");
    check_refused(tree, "all --version 1.2.3 --loud", &[], "--loud");
    check_refused(
        tree,
        "all --version 1.2.3",
        &[],
        "the signing key is missing: set RELEASE_SIGNING_KEY_FILE",
    );
    check_refused(tree, "all --version 1.2.3", &[("RELEASE_SIGNING_KEY_FILE", "absent")], "cannot be read");
    check_refused(tree, "all --version 1.2.3", &[("RELEASE_SIGNING_KEY", "nonsense")], "not an armored");
    check_refused(tree, "zip --version 1.2.3 --binary absent", &[], "absent cannot be read");
    check_refused(tree, "sum --version 1.2.3", &[], "make package-zip");
    check_refused(tree, "sign --version 1.2.3", &[], "the signing key is missing");
    let zip = "zip --version 1.2.3 --binary program";
    check_refused(tree, zip, &[("SOURCE_DATE_EPOCH", "yesterday")], "SOURCE_DATE_EPOCH=yesterday");
    check_refused(tree, zip, &[("SOURCE_DATE_EPOCH", "0")], "outside of what an archive can hold");
    std::fs::write(tree.join("new"), "").unwrap();
    check_refused(
        tree,
        "all --version 1.2.3",
        &[],
        "the tree is dirty: 1 changed or new files, the first is new",
    );
}

#[test]
fn a_key_that_no_registry_takes_is_refused() {
    let tree = tree();
    let key = armored(&key(KeyType::Ed25519Legacy));
    check_refused(tree.path(), "all --version 1.2.3", &[("RELEASE_SIGNING_KEY", &key)], "RSA");
}

#[test]
fn a_locked_key_wants_its_passphrase() {
    let tree = tree();
    let mut key = key(KeyType::Rsa(2048));
    key.primary_key.set_password(rand::thread_rng(), &"right".into()).unwrap();
    let armored = armored(&key);
    let wrong = [("RELEASE_SIGNING_KEY", armored.as_str()), ("RELEASE_SIGNING_PASSPHRASE", "wrong")];
    check_refused(tree.path(), "all --version 1.2.3", &wrong[..1], "RELEASE_SIGNING_PASSPHRASE");
    check_refused(tree.path(), "all --version 1.2.3", &wrong, "RELEASE_SIGNING_PASSPHRASE");
    let right = [wrong[0], ("RELEASE_SIGNING_PASSPHRASE", "right")];
    let made = run(tree.path(), "all --version 1.2.3 --binary program", &right);
    assert!(made.status.success(), "{made:?}");
    for name in package::NAMES {
        let sums = format!("dist/terraform-provider-{name}_1.2.3_SHA256SUMS");
        let signature = std::fs::read(tree.path().join(format!("{sums}.sig"))).unwrap();
        let signature = DetachedSignature::from_bytes(signature.as_slice()).expect("a binary signature");
        let sums = std::fs::read(tree.path().join(&sums)).unwrap();
        signature.verify(&key.to_public_key(), &sums).expect("the key's signature");
    }
}

#[test]
fn a_release_holds_everything_twice_and_the_same_bytes_each_time() {
    let platform = package::platform::Platform::of_this_machine().unwrap();
    let [first, second] = [tree(), tree()].map(|tree| {
        // The tag of a release will do for its version.
        let made = run(tree.path(), "all --version v1.2.3 --binary program --unsigned", &[]);
        assert!(made.status.success(), "{made:?}");
        let mut files: Vec<_> =
            std::fs::read_dir(tree.path().join("dist")).unwrap().map(Result::unwrap).collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        let name = |it: &std::fs::DirEntry| it.file_name().to_string_lossy().into_owned();
        files.iter().map(|it| (name(it), std::fs::read(it.path()).unwrap())).collect::<Vec<_>>()
    });
    assert_eq!(first, second);
    let zip = format!("{}_{}.zip", platform.os, platform.arch);
    let rest = ["SHA256SUMS", &zip, "manifest.json", "sbom.cdx.json"];
    let expected =
        ["novacloud", "novita"].map(|name| rest.map(|it| format!("terraform-provider-{name}_1.2.3_{it}")));
    assert_eq!(first.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), expected.concat());
    let sums = String::from_utf8(first[4].1.clone()).unwrap();
    let listed: Vec<&str> = sums.lines().map(|line| &line[66..]).collect();
    assert_eq!(listed, expected[1][1..], "{sums}");
}

/// A tree whose folder holds the archives of all platforms, and what their builders say of them.
fn built() -> (TempDir, String) {
    let tree = tree();
    let sums = package::platform::TARGETS.map(|target| {
        std::fs::create_dir_all(tree.path().join("target")).unwrap();
        std::fs::write(tree.path().join("target/program"), target).unwrap();
        let made =
            run(tree.path(), &format!("zip --version 1.2.3 --binary target/program --target {target}"), &[]);
        assert!(made.status.success(), "{made:?}");
        format!("{target:?}: {:?}", String::from_utf8(made.stdout).unwrap())
    });
    let built = format!("{{{}}}", sums.join(", "));
    (tree, built)
}

/// Refused with one line that contains all of `words`.
#[track_caller]
fn check_told(output: &Output, words: &[&str]) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{told}");
    assert!(words.iter().all(|it| told.contains(it)), "{told}");
}

#[test]
fn exactly_the_archives_of_all_platforms_are_summed_up_and_signed() {
    let (tree, built) = built();
    let key = armored(&key(KeyType::Rsa(2048)));
    let sum = |built: &str| run(tree.path(), "sum --version 1.2.3", &[("RELEASE_BUILT", built)]);
    let sign = || run(tree.path(), "sign --version 1.2.3", &[("RELEASE_SIGNING_KEY", &key)]);
    let place = |name: &str| tree.path().join("dist").join(name);
    let mac = place("terraform-provider-novita_1.2.3_darwin_arm64.zip");
    let archive = std::fs::read(&mac).unwrap();

    check_told(&sign(), &["SHA256SUMS", "cannot be read"]);
    std::fs::remove_file(&mac).unwrap();
    check_told(&sum(&built), &["lacks the archives for aarch64-apple-darwin: make package-zip"]);
    std::fs::write(&mac, &archive).unwrap();
    for strange in ["terraform-provider-novita_1.2.3_plan9_amd64.zip", "readme"] {
        std::fs::write(place(strange), "").unwrap();
        check_told(&sum(&built), &["holds what is no part of this release", strange]);
        std::fs::remove_file(place(strange)).unwrap();
    }
    assert!(sum(&built).status.success());

    // What comes after the checksums is not signed either.
    std::fs::write(&mac, "another program").unwrap();
    check_told(&sign(), &["novita_1.2.3_SHA256SUMS is not the list of what is in"]);
    std::fs::remove_file(&mac).unwrap();
    check_told(&sign(), &["lacks the archives for aarch64-apple-darwin"]);
    std::fs::write(&mac, &archive).unwrap();
    std::fs::write(place("more.zip"), "").unwrap();
    check_told(&sign(), &["more.zip"]);
    std::fs::remove_file(place("more.zip")).unwrap();
    assert!(sign().status.success());
    let signatures = package::NAMES.map(|it| place(&format!("terraform-provider-{it}_1.2.3_SHA256SUMS.sig")));
    assert!(signatures.iter().all(|it| it.exists()));
    // New checksums have no signature yet.
    assert!(sum(&built).status.success());
    assert!(!signatures.iter().any(|it| it.exists()));
}

#[test]
fn archives_that_no_builder_told_of_are_refused() {
    let (tree, built) = built();
    let sum = |built: &str| run(tree.path(), "sum --version 1.2.3", &[("RELEASE_BUILT", built)]);
    let refused = "not those that their builder made";
    check_told(&sum("nonsense"), &["what the builders say of their archives"]);
    check_told(&sum("{}"), &["the archives for x86_64-unknown-linux-musl are", refused]);
    let silent = built.replace("aarch64-apple-darwin", "aarch64-apple-ios");
    check_told(&sum(&silent), &["the archives for aarch64-apple-darwin are", refused]);
    let replaced = tree.path().join("dist/terraform-provider-novacloud_1.2.3_windows_arm64.zip");
    std::fs::write(replaced, "another program").unwrap();
    check_told(&sum(&built), &["the archives for aarch64-pc-windows-msvc are", refused]);
}

#[test]
fn a_folder_with_files_of_another_release_is_refused_before_anything_is_built() {
    let tree = tree();
    std::fs::create_dir(tree.path().join("dist")).unwrap();
    std::fs::write(tree.path().join("dist/terraform-provider-novita_1.2.2_SHA256SUMS"), "").unwrap();
    let output = run(tree.path(), "all --version 1.2.3 --unsigned --binary absent", &[]);
    check_told(
        &output,
        &["holds what is no part of this release: terraform-provider-novita_1.2.2_SHA256SUMS"],
    );
}

#[test]
fn an_archive_holds_the_program_under_its_versioned_name() {
    let tree = tree();
    let made = run(tree.path(), "zip --version 1.2.3 --binary program --target x86_64-pc-windows-msvc", &[]);
    assert!(made.status.success(), "{made:?}");
    let file = tree.path().join("dist/terraform-provider-novacloud_1.2.3_windows_amd64.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let members: Vec<_> = (0..archive.len())
        .map(|at| {
            let it = archive.by_index(at).unwrap();
            (it.name().unwrap().into_owned(), it.unix_mode(), it.last_modified().unwrap().to_string())
        })
        .collect();
    let time = "2026-01-02 03:04:06".to_owned();
    let program = "terraform-provider-novacloud_v1.2.3.exe".to_owned();
    assert_eq!(
        members,
        [("LICENSE".to_owned(), Some(0o100_644), time.clone()), (program, Some(0o100_755), time)]
    );
}
