//! A provider with settings, a resource that is changed in place and imported, and a data source that finds it: books in
//! a folder.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tfplugin::prelude::*;

/// Where the books are.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Settings {
    /// Folder of the books. It must exist.
    #[tf(required)]
    folder: Attr<String>,
    /// Card of the reader.
    #[tf(optional, sensitive)]
    card: Attr<String>,
}

/// What the settings become.
pub(crate) struct Library {
    folder: Option<PathBuf>,
    secrets: Arc<Secrets>,
}

impl ProviderData for Library {
    fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }
}

impl Library {
    /// The file of a book. An unknown folder is an error only where it is needed.
    fn file(&self, id: &str) -> Result<PathBuf> {
        let unknown =
            || Diagnostic::error("Folder not known yet", "`folder` depends on what is not applied yet.");
        Ok(self.folder.as_ref().ok_or_else(unknown)?.join(format!("{id}.json")))
    }
}

/// A book in the folder.
#[derive(Model)]
pub(crate) struct Book {
    /// Name of the file, which the title makes.
    #[tf(computed)]
    id: Attr<String>,
    /// Title.
    #[tf(required, replace, len = 1..=80)]
    title: Attr<String>,
    /// Number of pages.
    #[tf(required, range = 1..=5000, via = "Changing it writes the file again.")]
    pages: Attr<i64>,
    /// Words to find it by.
    #[tf(optional, via = "Changing them writes the file again.")]
    words: Attr<Set<String>>,
}

impl Book {
    fn written(mut self, library: &Library, writer: &StateWriter<Self>) -> Result<()> {
        let id = self.title.text_or_empty().to_lowercase().replace(' ', "-");
        let words: Option<Vec<_>> = self.words.known().map(|it| it.known().cloned().collect());
        let file = json!({ "title": self.title.text(), "pages": self.pages.known(), "words": words });
        fs::write(library.file(&id)?, file.to_string()).map_err(failed)?;
        self.id = id.into();
        writer.save(&self);
        Ok(())
    }

    /// The book with what its file says, or none. Words that are not managed are not learnt.
    fn read_from(mut self, library: &Library, id: &str) -> Result<Option<Self>> {
        let Ok(text) = fs::read_to_string(library.file(id)?) else { return Ok(None) };
        let file: Json = serde_json::from_str(&text).map_err(failed)?;
        let is_imported = self.title.is_null();
        self.title = Attr::from_option(file["title"].as_str().map(str::to_owned));
        self.pages = Attr::from_option(file["pages"].as_i64());
        if is_imported || self.words.is_set() {
            let words = file["words"].as_array();
            self.words = Attr::from_option(
                words.map(|it| it.iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect()),
            );
        }
        self.id = id.to_owned().into();
        Ok(Some(self))
    }
}

fn failed(why: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error("The book's file is out of order", why.to_string()).into()
}

impl Resource for Book {
    type Model = Self;
    type Data = Library;
    const TYPE: &'static str = "shelf_book";
    const IMPORT_ID: ImportId = ImportId {
        text: "the name of the book's file without `.json`",
        example: "emma",
        found: "the folder shows the names",
        fits: |id| !id.is_empty() && !id.contains(['/', '\\']),
    };

    async fn create(cx: &Context<Library>, plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        plan.written(&cx.data, writer)
    }

    async fn read(cx: &Context<Library>, state: Self) -> Result<Option<Self>> {
        let id = state.id.text_or_empty().to_owned();
        state.read_from(&cx.data, &id)
    }

    async fn update(cx: &Context<Library>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        changes.planned.written(&cx.data, writer)
    }

    async fn delete(cx: &Context<Library>, state: Self) -> Result<()> {
        let _ = fs::remove_file(cx.data.file(state.id.text_or_empty())?);
        Ok(())
    }
}

/// The data source shows what the resource defines.
impl Lookup for Book {
    const LOOKUP: &'static str = "A book that is in the folder.";
    const KEYS: &'static [(&'static str, &'static str)] = &[("title", "Title of the book.")];
    const UNSEEN: &'static [&'static str] = &[];

    async fn find(cx: &Context<Library>, key: Self) -> Result<Self> {
        let title = key.title.text_or_empty().to_owned();
        let id = title.to_lowercase().replace(' ', "-");
        let nothing = Self { title: Attr::Null, ..key };
        let found = nothing.read_from(&cx.data, &id)?;
        found.ok_or_else(|| Diagnostic::error("No such book", format!("There is no {title:?}.")).into())
    }
}

/// The provider.
pub(crate) struct Shelf;

impl Provider for Shelf {
    type Config = Settings;
    type Data = Library;
    const ADDRESSES: &'static [&'static str] = &["example/shelf"];

    fn resources() -> Vec<Box<dyn DynResource<Library>>> {
        vec![resource::<Book>()]
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Library>>> {
        vec![data_source::<LookedUp<Book>>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<Library> {
        let secrets = Arc::<Secrets>::default();
        settings.card.text().into_iter().for_each(|it| secrets.learn(it));
        Ok(Library { folder: settings.folder.text().map(PathBuf::from), secrets })
    }
}

/// The whole of the program.
pub(crate) fn main() -> ExitCode {
    tfplugin::serve::<Shelf>(PluginInfo::new(env!("CARGO_PKG_VERSION"), env!("CARGO_CRATE_NAME")))
}
