//! From the `.proto` files to Rust text, held in memory. Knows no more of the repository than the
//! two folders that receive code.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const DESCRIPTIONS: [&str; 3] = ["tfplugin6.proto", "plugin.proto", "health.proto"];
const SERVER_FOLDER: &str = "src/plugin/proto";
const CLIENT_FOLDER: &str = "tests/client/src/proto";

/// Messages that carry a user's values, secrets among them: their `Debug` is written by hand.
const WITHOUT_DEBUG: [&str; 2] = [".tfplugin6.DynamicValue", ".tfplugin6.RawState"];

/// All generated files: path from the repository's root, and text.
pub(crate) fn all(descriptions: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = folder(descriptions, SERVER_FOLDER, &server())?;
    files.extend(folder(descriptions, CLIENT_FOLDER, &client())?);
    Ok(files)
}

fn server() -> tonic_prost_build::Builder {
    // Default stubs answer Unimplemented, so a method of a newer protocol does not break the build.
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .generate_default_stubs(true)
        .skip_debug(WITHOUT_DEBUG)
}

fn client() -> tonic_prost_build::Builder {
    tonic_prost_build::configure().build_server(false).build_transport(false)
}

fn folder(
    descriptions: &Path,
    folder: &str,
    builder: &tonic_prost_build::Builder,
) -> io::Result<BTreeMap<String, String>> {
    let compiled = protox::compile(DESCRIPTIONS, [descriptions]).map_err(io::Error::other)?;
    let out = tempfile::tempdir()?;
    builder
        .clone()
        // Ordered maps give the same bytes for the same schema; Bytes saves copies of large values.
        .btree_map(".")
        .bytes(".tfplugin6")
        .emit_rerun_if_changed(false)
        .out_dir(out.path())
        .compile_fds(compiled)?;
    std::fs::read_dir(out.path())?
        .map(|entry| {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            Ok((name, std::fs::read_to_string(entry.path())?))
        })
        .collect()
}
