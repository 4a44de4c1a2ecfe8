//! The least that a plugin can do before its client may connect: a key, a certificate, a socket, a line.
//!
//! With `--empty` it only prints a line, which is the price of a process. It ends when stdin does.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{CertificateParams, DnType, KeyPair};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).as_deref() == Some("--empty") {
        tell("1|6|unix|nowhere|grpc|\n")?;
    } else {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(["localhost".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        let certificate = STANDARD_NO_PAD.encode(params.self_signed(&key)?.der());
        let path = std::env::temp_dir().join("floor");
        let _listener = UnixListener::bind(&path)?;
        tell(&format!("1|6|unix|{}|grpc|{certificate}\n", path.display()))?;
    }
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn tell(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}
