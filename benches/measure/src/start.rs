//! One start of one program, as a CLI does it: cookie, certificate, handshake line, schema, Shutdown.
//!
//! The clock begins just before the process is made. Whatever is not ended is killed when it goes out of scope.

use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use plugin_client::certificate::Identity;
use plugin_client::connect::lenient_channel;
use plugin_client::proto::plugin::Empty;
use plugin_client::proto::plugin::grpc_controller_client::GrpcControllerClient;
use plugin_client::proto::tfplugin6::get_provider_schema;
use plugin_client::{COOKIE, LARGEST_MESSAGE};
use prost::Message as _;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::oneshot;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;
use wait4::{ResUse, Wait4 as _};

use crate::failure::{Result, While as _, failed};
use crate::handshake::Handshake;
use crate::machine::peak_of;
use crate::results::Start;
use crate::stats::millis;
use crate::subjects::FILE_NAME;

/// Until a program that says nothing has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Until a program that was told to stop is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How a program is started and how far it goes.
#[derive(Clone, Debug)]
pub(crate) struct Startable {
    pub(crate) name: String,
    pub(crate) program: std::path::PathBuf,
    pub(crate) arguments: &'static [&'static str],
    /// False for a floor, which ends with its stdin after the line.
    pub(crate) is_provider: bool,
}

/// Starts the program, measures, and ends it. The second value is the size of the encoded schema.
pub(crate) async fn measure(it: &Startable, identity: &Identity) -> Result<(Start, Option<usize>)> {
    let temporary = tempfile::tempdir().doing("making a temporary folder")?;
    let mut process = Process::start(it, identity, temporary.path(), &[])?;
    let talked = tokio::time::timeout(PATIENCE, talk(&mut process, it, identity)).await;
    let outcome = match talked {
        Ok(Ok(talk)) => process.end(talk).await,
        Ok(Err(error)) => Err(error),
        Err(_) => failed("no answer within 30 s"),
    };
    outcome.doing(format!(
        "{}: {}",
        it.name,
        std::fs::read_to_string(errors(temporary.path())).unwrap_or_default()
    ))
}

/// A provider that was started for more than to be measured.
pub(crate) struct Running {
    process: Process,
    channel: Channel,
    _temporary: TempDir,
}

impl Running {
    /// Starts a provider with these variables besides, and connects.
    pub(crate) async fn start(
        it: &Startable,
        identity: &Identity,
        environment: &[(&str, String)],
    ) -> Result<Self> {
        let temporary = tempfile::tempdir().doing("making a temporary folder")?;
        let mut process = Process::start(it, identity, temporary.path(), environment)?;
        let line = tokio::time::timeout(PATIENCE, process.line())
            .await
            .doing("waiting for the handshake line")??;
        let (channel, _) = connect(&line, identity).await?;
        Ok(Self { process, channel, _temporary: temporary })
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The most memory that it has had so far.
    pub(crate) fn peak_kib(&self) -> Option<u64> {
        peak_of(self.process.number())
    }

    /// Ends it as CLIs do.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.process.shut_down(Some(&self.channel)).await.map(drop)
    }
}

/// A connection to what told this line, and the protocol that it speaks.
async fn connect(line: &str, identity: &Identity) -> Result<(Channel, u8)> {
    let told = Handshake::parse(line)?;
    let channel = lenient_channel(&told.address, &told.certificate, identity).await.doing("connecting")?;
    Ok((channel, told.protocol))
}

/// The schema over protocol 5 or 6, whose answers have the same form on the wire.
async fn schema(channel: &Channel, protocol: u8) -> Result<get_provider_schema::Response> {
    let path =
        if protocol == 5 { "/tfplugin5.Provider/GetSchema" } else { "/tfplugin6.Provider/GetProviderSchema" };
    let mut client = Grpc::new(channel.clone()).max_decoding_message_size(LARGEST_MESSAGE);
    client.ready().await.doing("asking for the schema")?;
    let codec = ProstCodec::default();
    let request = tonic::Request::new(get_provider_schema::Request {});
    let answer = client.unary(request, PathAndQuery::from_static(path), codec).await;
    Ok(answer.doing("asking for the schema")?.into_inner())
}

/// What came of the part in which the program lives.
struct Talk {
    line: Duration,
    schema: Option<(Duration, usize)>,
    peak_kib: Option<u64>,
    channel: Option<Channel>,
}

async fn talk(process: &mut Process, it: &Startable, identity: &Identity) -> Result<Talk> {
    let line = process.line().await?;
    let at_line = process.begun.elapsed();
    if !it.is_provider {
        return Ok(Talk { line: at_line, schema: None, peak_kib: peak_of(process.number()), channel: None });
    }
    let (channel, protocol) = connect(&line, identity).await?;
    let schema = schema(&channel, protocol).await?;
    let at_schema = process.begun.elapsed();
    let peak_kib = peak_of(process.number());
    Ok(Talk {
        line: at_line,
        schema: Some((at_schema, schema.encoded_len())),
        peak_kib,
        channel: Some(channel),
    })
}

/// How a program has ended.
struct Ended {
    /// From when it was told to until it was gone.
    after: Duration,
    was_killed: bool,
    used: ResUse,
}

/// A started program.
struct Process {
    begun: Instant,
    id: Pid,
    stdin: Option<ChildStdin>,
    stdout: pipe::Receiver,
    ended: oneshot::Receiver<(Instant, std::io::Result<ResUse>)>,
    is_ended: bool,
}

impl Process {
    fn start(
        it: &Startable,
        identity: &Identity,
        temporary: &Path,
        environment: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = command(it, identity, temporary)?;
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let begun = Instant::now();
        let mut child = command.spawn().doing(format!("starting {}", it.program.display()))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (tell, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let used = child.wait4();
            // Nobody listens when the bench has given up.
            let _ = tell.send((Instant::now(), used));
        });
        let (Some(stdout), Some(id)) = (stdout, id) else { return failed("a process without stdout") };
        let stdout = pipe::Receiver::from_owned_fd(stdout.into()).doing("reading stdout")?;
        Ok(Self { begun, id, stdin, stdout, ended, is_ended: false })
    }

    fn number(&self) -> u32 {
        self.id.as_raw_nonzero().get().unsigned_abs()
    }

    /// The first line of stdout.
    async fn line(&mut self) -> Result<String> {
        let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
        while !text.contains(&b'\n') {
            let count = self.stdout.read(&mut buffer).await.doing("reading stdout")?;
            if count == 0 {
                return failed("it ended without a handshake line");
            }
            text.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8(text).doing("reading the handshake line")
    }

    /// Ends the program, and puts together what was measured.
    async fn end(mut self, talk: Talk) -> Result<(Start, Option<usize>)> {
        let ended = self.shut_down(talk.channel.as_ref()).await?;
        let start = Start {
            line_ms: millis(talk.line),
            schema_ms: talk.schema.map(|(at, _)| millis(at)),
            peak_kib: talk.peak_kib,
            stop_ms: talk.channel.map(|_| millis(ended.after)),
            was_killed: ended.was_killed,
            cpu_ms: millis(ended.used.rusage.utime + ended.used.rusage.stime),
        };
        Ok((start, talk.schema.map(|(_, size)| size)))
    }

    /// Ends the program as CLIs do; a floor has no channel and ends with its stdin.
    async fn shut_down(&mut self, channel: Option<&Channel>) -> Result<Ended> {
        let told = Instant::now();
        drop(self.stdin.take());
        if let Some(channel) = channel {
            // A program that is gone before it has answered has obeyed.
            let call = GrpcControllerClient::new(channel.clone());
            let _ = tokio::time::timeout(GRACE, { call }.shutdown(Empty {})).await;
        }
        let in_time = tokio::time::timeout(GRACE, &mut self.ended).await;
        let was_killed = in_time.is_err();
        let ended = match in_time {
            Ok(ended) => ended,
            Err(_) => {
                self.kill();
                (&mut self.ended).await
            }
        };
        let (at, used) = ended.doing("waiting for the end")?;
        self.is_ended = true;
        let used = used.doing("waiting for the end")?;
        Ok(Ended { after: at.saturating_duration_since(told), was_killed, used })
    }

    fn kill(&self) {
        // It may have ended just now.
        let _ = kill_process(self.id, Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_ended {
            self.kill();
        }
    }
}

fn command(it: &Startable, identity: &Identity, temporary: &Path) -> Result<Command> {
    let errors = std::fs::File::create(errors(temporary)).doing("making a file for stderr")?;
    let mut command = Command::new(&it.program);
    command.args(it.arguments).env_clear().env("TMPDIR", temporary).env("HOME", temporary);
    command.envs(std::env::var_os("PATH").map(|it| ("PATH", it)));
    command.env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "5,6");
    command.env("PLUGIN_MIN_PORT", "10000").env("PLUGIN_MAX_PORT", "25000");
    command.env("PLUGIN_CLIENT_CERT", identity.pem());
    command.stdin(if it.is_provider { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(errors);
    Ok(command)
}

fn errors(temporary: &Path) -> std::path::PathBuf {
    temporary.join(format!("{FILE_NAME}.stderr"))
}
