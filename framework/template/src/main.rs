//! The provider `mycloud`. Its cloud is a folder, and a server is a file in it: put the calls of your API in their place.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use tfplugin::prelude::*;

/// Where the servers are.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Settings {
    /// Folder of the servers. It must exist.
    #[tf(required)]
    folder: Attr<String>,
}

/// What the settings become: here belongs the client of an API.
pub(crate) struct Cloud {
    folder: Option<PathBuf>,
}

impl ProviderData for Cloud {}

impl Cloud {
    /// The file of a server. A setting that is not known yet is an error only where it is needed.
    fn file(&self, id: &Attr<String>) -> Result<PathBuf> {
        let unknown =
            || Diagnostic::error("Folder not known yet", "`folder` depends on what is not applied yet.");
        Ok(self.folder.as_ref().ok_or_else(unknown)?.join(id.text_or_empty()))
    }
}

fn failed(why: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error("The call failed", why.to_string())
}

/// A server.
#[derive(Model)]
pub(crate) struct Server {
    /// Identifier of the server.
    #[tf(computed)]
    id: Attr<String>,
    /// Name, of which there is one.
    #[tf(required, replace, len = 1..=40)]
    name: Attr<String>,
    /// What it serves.
    #[tf(required, via = "Changing it is done in place.")]
    content: Attr<String>,
}

impl Resource for Server {
    type Model = Self;
    type Data = Cloud;
    const TYPE: &'static str = "mycloud_server";
    const IMPORT_ID: ImportId = ImportId {
        text: "the name of the server",
        example: "web",
        found: "the folder shows the names",
        fits: |id| !id.is_empty() && !id.contains(['/', '\\']),
    };

    async fn create(cx: &Context<Cloud>, mut plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        plan.id = plan.name.clone();
        fs::write(cx.data.file(&plan.id)?, plan.content.text_or_empty()).map_err(failed)?;
        writer.save(&plan); // as soon as it exists, before anything else can fail
        Ok(())
    }

    async fn read(cx: &Context<Cloud>, state: Self) -> Result<Option<Self>> {
        match fs::read_to_string(cx.data.file(&state.id)?) {
            Ok(content) => Ok(Some(Self { name: state.id.clone(), content: content.into(), ..state })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error))?,
        }
    }

    async fn update(cx: &Context<Cloud>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let planned = changes.planned;
        fs::write(cx.data.file(&planned.id)?, planned.content.text_or_empty()).map_err(failed)?;
        writer.save(&planned);
        Ok(())
    }

    async fn delete(cx: &Context<Cloud>, state: Self) -> Result<()> {
        match fs::remove_file(cx.data.file(&state.id)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error))?,
            _ => Ok(()), // gone already: all is well
        }
    }
}

/// The provider.
pub(crate) struct MyCloud;

impl Provider for MyCloud {
    type Config = Settings;
    type Data = Cloud;
    const ADDRESSES: &'static [&'static str] = &["example/mycloud"];

    fn resources() -> Vec<Box<dyn DynResource<Cloud>>> {
        vec![resource::<Server>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<Cloud> {
        Ok(Cloud { folder: settings.folder.text().map(PathBuf::from) })
    }
}

/// The whole of the program.
pub(crate) fn main() -> ExitCode {
    tfplugin::serve::<MyCloud>(PluginInfo::new(env!("CARGO_PKG_VERSION"), env!("CARGO_CRATE_NAME")))
}
