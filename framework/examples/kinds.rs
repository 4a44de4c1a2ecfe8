//! An attribute of every type, and blocks of every mode, in a resource that is kept in a file.

use std::fs;

use serde_json::Value as Json;
use tfplugin::prelude::*;
use tfplugin::value::Value;

/// What a change does.
const AGAIN: &str = "Changing it writes the file again.";

/// How a thing looks.
#[derive(Clone, Copy, PartialEq, StringEnum)]
enum Look {
    Plain,
    VeryFine,
}

/// A part of a thing.
#[derive(Clone, Model)]
#[tf(nested)]
struct Part {
    /// Name of the part.
    #[tf(required, replace)]
    name: Attr<String>,
    /// What is said of it.
    #[tf(optional, default = "nothing")]
    note: Attr<String>,
    /// A word that nobody should read.
    #[tf(optional, sensitive)]
    secret: Attr<String>,
    /// A word that nobody stores.
    #[tf(optional, write_only)]
    word_wo: Attr<String>,
    /// How many characters that word has.
    #[tf(computed, volatile)]
    characters: Attr<u32>,
    /// Anything else.
    #[tf(block, optional)]
    labels: Attr<Map<Label>>,
}

/// A part of a part.
#[derive(Clone, Model)]
#[tf(nested)]
struct Label {
    /// What it says.
    #[tf(optional)]
    text: Attr<String>,
}

/// A part that is written as a value: it has no blocks.
#[derive(Clone, Model)]
#[tf(nested)]
struct Piece {
    /// Name of the piece.
    #[tf(required, replace)]
    name: Attr<String>,
    /// A word that nobody stores.
    #[tf(optional, write_only)]
    word_wo: Attr<String>,
    /// How many characters that word has.
    #[tf(computed, volatile)]
    characters: Attr<u32>,
    /// A word that nobody should read.
    #[tf(optional, sensitive)]
    secret: Attr<String>,
}

/// One of several that have no order.
#[derive(Clone, Model)]
#[tf(nested)]
struct Member {
    /// Name of the member.
    #[tf(required, replace)]
    name: Attr<String>,
    /// What is said of it.
    #[tf(optional, default = "nothing")]
    note: Attr<String>,
}

/// A thing with attributes of all types.
#[derive(Clone, Model)]
pub(crate) struct Thing {
    /// Path of the file.
    #[tf(computed)]
    id: Attr<String>,
    /// Path of the file.
    #[tf(required, replace)]
    path: Attr<String>,
    /// How often the file was written.
    #[tf(computed, volatile)]
    writes: Attr<u64>,

    /// A text.
    #[tf(optional, via = AGAIN)]
    text: Attr<String>,
    /// Yes or no.
    #[tf(optional, via = AGAIN)]
    flag: Attr<bool>,
    /// A small number.
    #[tf(optional, range = -5..=2_000_000_000, via = AGAIN)]
    small: Attr<i32>,
    /// A whole number.
    #[tf(optional, range = 0..=9_000_000_000, via = AGAIN)]
    whole: Attr<i64>,
    /// A number of things.
    #[tf(optional, default = 3, via = AGAIN)]
    count_of: Attr<u32>,
    /// A large number of things.
    #[tf(optional, range = 1..=u64::MAX, via = AGAIN)]
    large: Attr<u64>,
    /// A share.
    #[tf(optional, range = 0.0..=1.0, via = AGAIN)]
    share: Attr<f64>,
    /// A number, to the last digit.
    #[tf(optional, via = AGAIN)]
    exact: Attr<Number>,
    /// A value of any type.
    #[tf(optional, via = AGAIN)]
    any: Attr<Dynamic>,
    /// Look of the thing.
    #[tf(optional, default = "plain", via = AGAIN)]
    look: Attr<Look>,

    /// Texts in order, some of which may be missing.
    #[tf(optional, null_elements, via = AGAIN)]
    texts: Attr<List<String>>,
    /// Numbers.
    #[tf(optional, via = AGAIN)]
    numbers: Attr<Set<Number>>,
    /// Counts under keys.
    #[tf(optional, via = AGAIN)]
    counts: Attr<Map<u64>>,
    /// Shares, by row.
    #[tf(optional, via = AGAIN)]
    rows: Attr<List<List<f64>>>,
    /// Values of one type, whatever it is.
    #[tf(optional, via = AGAIN)]
    anything: Attr<List<Dynamic>>,
    /// Values of one type under keys.
    #[tf(optional, via = AGAIN)]
    any_by_key: Attr<Map<Dynamic>>,

    /// Different values of one type.
    #[tf(optional, via = AGAIN)]
    any_of: Attr<Set<Dynamic>>,

    /// A piece.
    #[tf(optional, via = AGAIN)]
    piece: Attr<Piece>,
    /// Pieces in order.
    #[tf(optional, via = AGAIN)]
    pieces: Attr<List<Piece>>,
    /// Pieces under keys.
    #[tf(optional, via = AGAIN)]
    pieces_by_key: Attr<Map<Piece>>,
    /// Members.
    #[tf(optional, via = AGAIN)]
    members: Attr<Set<Member>>,

    /// A block, or none.
    #[tf(block, optional, via = AGAIN)]
    single: Attr<Part>,
    /// Blocks in order.
    #[tf(block, required, items = 1..=3, via = AGAIN)]
    listed: Attr<List<Part>>,
    /// Blocks in any order.
    #[tf(block, optional, items = 0..=2, via = AGAIN)]
    member: Attr<Set<Member>>,
    /// Blocks with a label.
    #[tf(block, optional, via = AGAIN)]
    named: Attr<Map<Part>>,
    /// A block that is always there.
    #[tf(group, optional, via = AGAIN)]
    group: Attr<Label>,
}

fn length(word: &Attr<String>) -> Attr<u32> {
    Attr::from(u32::try_from(word.text_or_empty().chars().count()).unwrap_or(u32::MAX))
}

/// Tells the length of the words in known parts.
fn measure<'p>(parts: impl Iterator<Item = &'p mut Attr<Part>>) {
    for part in parts {
        if let Attr::Known(it) = part {
            it.characters = length(&it.word_wo);
        }
    }
}

fn measure_pieces<'p>(pieces: impl Iterator<Item = &'p mut Attr<Piece>>) {
    for piece in pieces {
        if let Attr::Known(it) = piece {
            it.characters = length(&it.word_wo);
        }
    }
}

impl Thing {
    fn write(mut self, writes: u64, writer: &StateWriter<Self>) -> Result<()> {
        self.id = self.path.clone();
        self.writes = Attr::from(writes);
        measure(std::iter::once(&mut self.single));
        measure_pieces(std::iter::once(&mut self.piece));
        if let Attr::Known(List(parts)) = &mut self.listed {
            measure(parts.iter_mut());
        }
        if let Attr::Known(Map(parts)) = &mut self.named {
            measure(parts.values_mut());
        }
        if let Attr::Known(List(pieces)) = &mut self.pieces {
            measure_pieces(pieces.iter_mut());
        }
        if let Attr::Known(Map(pieces)) = &mut self.pieces_by_key {
            measure_pieces(pieces.values_mut());
        }
        let mut json = Json::from(&self.to_object());
        // JSON keeps of a number what a double does.
        json["exact"] = self.exact.known().map(ToString::to_string).into();
        fs::write(self.path.text_or_empty(), json.to_string()).map_err(failed)?;
        writer.save(&self);
        Ok(())
    }

    /// The thing in the file; `None`: there is no file.
    fn from_file(path: &str) -> Result<Option<Self>> {
        let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
        let mut json: Json = serde_json::from_str(&text).map_err(failed)?;
        let exact = json["exact"].take();
        let read = Self::from_object(&Value::from(&json)).map_err(|it| failed(it.wanted))?;
        let exact = exact.as_str().map(str::parse::<Number>).transpose().map_err(failed)?;
        Ok(Some(Self { exact: Attr::from_option(exact), ..read }))
    }
}

fn failed(why: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error("The thing's file is out of order", why.to_string()).into()
}

impl Resource for Thing {
    type Model = Self;
    type Data = ();
    const TYPE: &'static str = "kinds_thing";

    async fn create(_: &Context<()>, plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        plan.write(1, writer)
    }

    async fn read(_: &Context<()>, state: Self) -> Result<Option<Self>> {
        Self::from_file(state.id.text_or_empty())
    }

    async fn update(_: &Context<()>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let before = changes.prior.writes.known().copied().unwrap_or_default();
        changes.planned.write(before + 1, writer)
    }

    async fn delete(_: &Context<()>, state: Self) -> Result<()> {
        let _ = fs::remove_file(state.id.text_or_empty());
        Ok(())
    }
}

/// The provider.
pub(crate) struct Kinds;

impl Provider for Kinds {
    type Config = ();
    type Data = ();
    const ADDRESSES: &'static [&'static str] = &["example/kinds"];

    fn resources() -> Vec<Box<dyn DynResource<()>>> {
        vec![resource::<Thing>()]
    }

    fn configure((): (), _: &str) -> Result<()> {
        Ok(())
    }
}

/// The whole of the program.
pub(crate) fn main() -> std::process::ExitCode {
    tfplugin::serve::<Kinds>(PluginInfo::new(env!("CARGO_PKG_VERSION"), env!("CARGO_CRATE_NAME")))
}
