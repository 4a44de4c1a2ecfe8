//! The programs that are measured, and where they are. Does not build any: `make bench` does.

use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::failure::{Result, While as _, failed};

/// The file name that CLIs look for.
pub(crate) const FILE_NAME: &str = "terraform-provider-novita";

pub(crate) const OURS: &str = "ours";
/// Our provider without its API.
pub(crate) const NULL: &str = "null";
pub(crate) const GO: &str = "go";
pub(crate) const TF_PROVIDER: &str = "tf-provider";
pub(crate) const FLOOR: &str = "floor";
pub(crate) const EMPTY: &str = "empty";
/// A provider that somebody else wrote, with other resources.
pub(crate) const TIME: &str = "time";

/// A program with the name that stands in the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

/// Our provider and its peers, and whatever the arguments add.
pub(crate) fn providers(arguments: &Arguments) -> Result<Vec<Named>> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../peers/bin");
    let mut all = vec![
        Named { name: NULL.to_owned(), program: beside_this_program("null-provider")? },
        Named { name: OURS.to_owned(), program: beside_this_program(FILE_NAME)? },
        Named { name: GO.to_owned(), program: peers.join("go").join(FILE_NAME) },
        Named { name: TF_PROVIDER.to_owned(), program: peers.join("tf-provider").join(FILE_NAME) },
        Named { name: TIME.to_owned(), program: peers.join(TIME).join("terraform-provider-time") },
    ];
    for added in &arguments.providers {
        match all.iter_mut().find(|it| it.name == added.name) {
            Some(known) => known.program.clone_from(&added.program),
            None => all.push(added.clone()),
        }
    }
    all.retain(|it| arguments.wants(&it.name));
    all.into_iter().map(existing).collect()
}

/// A program of the same build.
pub(crate) fn beside_this_program(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe().doing("finding this program")?;
    Ok(this.with_file_name(name))
}

/// With its whole path, since programs are started in other folders.
pub(crate) fn existing(mut it: Named) -> Result<Named> {
    let Ok(program) = it.program.canonicalize() else {
        let how = match it.name.as_str() {
            GO | TF_PROVIDER | TIME => "run `make bench-peers`, or leave it out with --only",
            OURS | NULL | FLOOR | EMPTY => "run `make bench`, which builds it",
            _ => "see --provider",
        };
        return failed(format!("there is no {} at {}: {how}", it.name, it.program.display()));
    };
    it.program = program;
    Ok(it)
}
