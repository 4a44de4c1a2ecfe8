//! From the `.proto` files to Rust text, held in memory. Knows no more of the repository than the
//! two folders that receive code.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

const DESCRIPTIONS: [&str; 2] = ["tfplugin6.proto", "plugin.proto"];
const SERVER_FOLDER: &str = "framework/src/plugin/proto";
const CLIENT_FOLDER: &str = "tests/client/src/proto";

/// Messages that carry a user's values, secrets among them: their `Debug` is written by hand.
const WITHOUT_DEBUG: [&str; 2] = [".tfplugin6.DynamicValue", ".tfplugin6.RawState"];

/// The answer whose schemas the server encodes one by one.
const SCHEMAS: (&str, &str) = ("GetProviderSchema", "Response");

/// All generated files: path from the repository's root, and text.
pub(crate) fn all(descriptions: &Path) -> io::Result<BTreeMap<String, String>> {
    let compiled = protox::compile(DESCRIPTIONS, [descriptions]).map_err(io::Error::other)?;
    let mut files = folder(encoded_schemas(compiled.clone()), SERVER_FOLDER, &server())?;
    files.extend(folder(compiled, CLIENT_FOLDER, &client())?);
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

/// The schemas of the large answer as `bytes` instead of messages, which is the same on the wire.
fn encoded_schemas(mut compiled: FileDescriptorSet) -> FileDescriptorSet {
    let messages = compiled.file.iter_mut().flat_map(|it| &mut it.message_type);
    let answers = messages.filter(|it| it.name() == SCHEMAS.0).flat_map(|it| &mut it.nested_type);
    for answer in answers.filter(|it| it.name() == SCHEMAS.1) {
        as_bytes(answer);
        answer.nested_type.iter_mut().for_each(as_bytes);
    }
    compiled
}

fn as_bytes(message: &mut DescriptorProto) {
    for field in message.field.iter_mut().filter(|it| it.type_name() == ".tfplugin6.Schema") {
        field.set_type(Type::Bytes);
        field.type_name = None;
    }
}

fn folder(
    compiled: FileDescriptorSet,
    folder: &str,
    builder: &tonic_prost_build::Builder,
) -> io::Result<BTreeMap<String, String>> {
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
