//! Zip archives with the same bytes whenever and wherever they are packed.

use std::io::{Cursor, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::{Problem, Result};

/// One file of an archive.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub executable: bool,
}

/// Packs `members`, which are written in the order of their names, all with the same time.
pub fn zip(mut members: Vec<Member<'_>>, time: Timestamp) -> Result<Vec<u8>> {
    members.sort_by_key(|it| it.name.to_owned());
    let failed = || Problem::while_doing("cannot write the archive");
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .system(System::Unix)
        .last_modified_time(date(time)?);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for Member { name, bytes, executable } in members {
        let options = options.unix_permissions(if executable { 0o755 } else { 0o644 });
        writer.start_file(name, options).map_err(failed())?;
        writer.write_all(bytes).map_err(Problem::while_doing("cannot write the archive"))?;
    }
    Ok(writer.finish().map_err(failed())?.into_inner())
}

/// A time as zip keeps it: without a zone (it is UTC here) and only since 1980.
fn date(time: Timestamp) -> Result<DateTime> {
    let it = time.to_zoned(TimeZone::UTC).datetime();
    let [month, day, hour, minute, second] = [it.month(), it.day(), it.hour(), it.minute(), it.second()]
        .map(|number| u8::try_from(number).unwrap_or_default());
    DateTime::from_date_and_time(
        u16::try_from(it.year()).unwrap_or_default(),
        month,
        day,
        hour,
        minute,
        second,
    )
    .map_err(|_| Problem::new(format!("the time {time} is outside of what an archive can hold")))
}
