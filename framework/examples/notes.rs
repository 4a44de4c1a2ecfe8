//! A whole provider: notes, each kept in a file.

use tfplugin::prelude::*;

/// A note in a file.
#[derive(Model)]
struct Note {
    /// Path of the file.
    #[tf(computed)]
    id: Attr<String>,
    /// Path of the file.
    #[tf(required, replace)]
    path: Attr<String>,
    /// What the note says.
    #[tf(required, via = "Changing it writes the file again.")]
    text: Attr<String>,
}

impl Resource for Note {
    type Model = Self;
    type Data = ();
    const TYPE: &'static str = "notes_note";

    async fn create(_: &Context<()>, mut note: Self, writer: &StateWriter<Self>) -> Result<()> {
        std::fs::write(note.path.text_or_empty(), note.text.text_or_empty())
            .map_err(|it| Diagnostic::error("The note cannot be written", it.to_string()))?;
        note.id = note.path.clone();
        writer.save(&note);
        Ok(())
    }

    async fn read(_: &Context<()>, note: Self) -> Result<Option<Self>> {
        let text = std::fs::read_to_string(note.id.text_or_empty()).ok();
        Ok(text.map(|text| Self { path: note.id.clone(), text: text.into(), ..note }))
    }

    async fn update(cx: &Context<()>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        Self::create(cx, changes.planned, writer).await
    }

    async fn delete(_: &Context<()>, note: Self) -> Result<()> {
        let _ = std::fs::remove_file(note.id.text_or_empty());
        Ok(())
    }
}

tfplugin::main!("example/notes": Note);
