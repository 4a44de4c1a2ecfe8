//! Releases made for the tests by what is behind `make package`, and how a registry presents them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use package::platform::Platform;
use package::release::{self, Release};
use package::signing::Key;
use package::{NAMES, sums};
use pgp::composed::{ArmorOptions, KeyType, SecretKeyParamsBuilder, SignedSecretKey};
use pgp::types::{KeyDetails, Password};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::Files;

/// What the release is called; the version that the program of this build reports.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Locks the keys of the tests, as a maintainer's is.
const PASSPHRASE: &str = "not a secret";

/// Whoever signs.
pub(super) struct Signer {
    pub(super) key: Key,
    /// Sixteen digits by which clients name the key.
    pub(super) id: String,
    /// The public half, armored.
    pub(super) public: String,
}

impl Signer {
    fn new(name: &str) -> Self {
        let mut parameters = SecretKeyParamsBuilder::default();
        parameters.key_type(KeyType::Rsa(2048)).can_sign(true).can_certify(true);
        parameters.primary_user_id(format!("{name} <{name}@example.org>"));
        let mut random = rand::thread_rng();
        let made = parameters.build().unwrap().generate(&mut random);
        let mut key: SignedSecretKey = made.expect("a key");
        let public = key.to_public_key().to_armored_string(ArmorOptions::default()).unwrap();
        let id = format!("{}", key.legacy_key_id()).to_uppercase();
        key.primary_key.set_password(&mut random, &Password::from(PASSPHRASE)).unwrap();
        let armored = key.to_armored_string(ArmorOptions::default()).unwrap();
        Self { key: Key::from_armored(&armored, PASSPHRASE).expect("a key that signs"), id, public }
    }
}

/// The one who makes the releases.
pub(super) static MAINTAINER: LazyLock<Signer> = LazyLock::new(|| Signer::new("maintainer"));
/// Somebody else.
pub(super) static STRANGER: LazyLock<Signer> = LazyLock::new(|| Signer::new("stranger"));

/// A signed release of the program of this build. It takes seconds to make, so it is made once.
pub(super) static SIGNED: LazyLock<Shelf> =
    LazyLock::new(|| Shelf::new(Path::new(env!("CARGO_BIN_EXE_terraform-provider-novita")), true));

/// A folder with the files of a release.
pub(super) struct Shelf {
    folder: TempDir,
    platform: Platform,
}

impl Shelf {
    fn new(program: &Path, signed: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let platform = Platform::of_this_machine().expect("a platform with releases");
        let release = Release {
            root: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            dist: folder.path().to_owned(),
            version: package::version::parse(VERSION).unwrap(),
            time: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        release::archive(&release, &platform, program).expect("archives");
        let platforms = std::slice::from_ref(&platform);
        release::sum_up(&release, platforms, None).expect("the rest of the release");
        if signed {
            release::sign(&release, platforms, &MAINTAINER.key).expect("signatures");
        }
        Self { folder, platform }
    }

    /// A small release, of a file that is no program: init looks at its bytes and never starts it. Without a
    /// signature.
    pub(super) fn unsigned() -> Self {
        Self::small(false)
    }

    /// The same with a signature.
    pub(super) fn small(signed: bool) -> Self {
        let program = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(program.path(), "no program").unwrap();
        Self::new(program.path(), signed)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What registries call the platform: `linux_amd64`.
    pub(super) fn platform(&self) -> String {
        format!("{}_{}", self.platform.os, self.platform.arch)
    }

    /// The name of one of the release's files.
    pub(super) fn file(name: &str, rest: &str) -> String {
        format!("terraform-provider-{name}_{VERSION}_{rest}")
    }

    /// The archive's name.
    pub(super) fn archive(&self, name: &str) -> String {
        Self::file(name, &format!("{}.zip", self.platform()))
    }

    /// What a registry that knows the key of `signer` gives away: the files and the pages that point to them.
    pub(super) fn as_registry(&self, signer: &Signer) -> Files {
        let mut files = Files::new();
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            let path = format!("/files/{}", entry.file_name().to_string_lossy());
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
        files
            .insert("/.well-known/terraform.json".into(), text(&json!({ "providers.v1": "/v1/providers/" })));
        for name in NAMES {
            let place = format!("/v1/providers/novita/{name}");
            let Platform { os, arch, .. } = &self.platform;
            files.insert(format!("{place}/versions"), text(&self.versions(name)));
            files.insert(
                format!("{place}/{VERSION}/download/{os}/{arch}"),
                text(&self.download(name, signer)),
            );
        }
        files
    }

    fn versions(&self, name: &str) -> Value {
        let Platform { os, arch, .. } = &self.platform;
        let protocols = self.protocols(name);
        let platforms = json!([{ "os": os, "arch": arch }]);
        json!({ "versions": [{ "version": VERSION, "protocols": protocols, "platforms": platforms }] })
    }

    fn download(&self, name: &str, signer: &Signer) -> Value {
        let archive = self.archive(name);
        json!({
            "protocols": self.protocols(name),
            "os": self.platform.os,
            "arch": self.platform.arch,
            "filename": archive,
            "download_url": format!("/files/{archive}"),
            "shasums_url": format!("/files/{}", Self::file(name, "SHA256SUMS")),
            "shasums_signature_url": format!("/files/{}", Self::file(name, "SHA256SUMS.sig")),
            "shasum": sums::sha256(&std::fs::read(self.path().join(&archive)).unwrap()),
            "signing_keys": { "gpg_public_keys": [{ "key_id": signer.id, "ascii_armor": signer.public }] },
        })
    }

    /// The protocols that the manifest of the release names.
    fn protocols(&self, name: &str) -> Value {
        let manifest = std::fs::read(self.path().join(Self::file(name, "manifest.json"))).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).expect("the manifest is JSON");
        manifest["metadata"]["protocol_versions"].clone()
    }
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
