//! Starting the program as Terraform and OpenTofu do, and talking to it.
//!
//! ```ignore
//! let provider = Launched::start().await;
//! let schema = provider.client().get_provider_schema(get_provider_schema::Request {}).await;
//! let ended = provider.shut_down().await;
//! ```
//!
//! Whatever is not ended by a test is killed when it goes out of scope. The time limit turns a hang
//! into a failure; nothing is measured.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use plugin_client::{COOKIE, LARGEST_MESSAGE};
use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tonic::transport::Channel;

use crate::certificate::Identity;
use crate::connect;
use crate::options::Options;
use crate::proto::health::health_client::HealthClient;
use crate::proto::plugin::Empty;
use crate::proto::plugin::grpc_controller_client::GrpcControllerClient;
use crate::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use crate::proto::tfplugin6::provider_client::ProviderClient;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_terraform-provider-novita");

/// Until a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running provider, connected.
pub(crate) struct Launched {
    handshake: Handshake,
    identity: Option<Identity>,
    channel: Channel,
    process: Process,
}

impl Launched {
    /// Starts the provider as a client does, and connects.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts the provider as the options say, and connects.
    pub(crate) async fn start_with(options: Options) -> Self {
        let identity = options.identity.clone();
        let (process, handshake) = Process::start(options).await;
        let channel = handshake.connect(identity.as_ref()).await.unwrap();
        Self { handshake, identity, channel, process }
    }

    /// A client of the provider's calls. Clients share one connection.
    pub(crate) fn client(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel.clone())
            .max_decoding_message_size(LARGEST_MESSAGE)
            .max_encoding_message_size(LARGEST_MESSAGE)
    }

    /// A client of the health service.
    pub(crate) fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel.clone())
    }

    /// A client of the service that ends the process.
    pub(crate) fn controller(&self) -> GrpcControllerClient<Channel> {
        GrpcControllerClient::new(self.channel.clone())
    }

    /// A client of the silent stream.
    pub(crate) fn stdio(&self) -> GrpcStdioClient<Channel> {
        GrpcStdioClient::new(self.channel.clone())
    }

    /// The connection, for calls that no generated client makes.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// What the provider told when it started.
    pub(crate) fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// What the provider expects of its client.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Of the program itself.
    pub(crate) fn id(&self) -> Pid {
        self.process.id()
    }

    /// Sends a signal to the provider alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.process.id(), signal).unwrap();
    }

    /// Ends the provider as clients do: calls Shutdown and waits for the exit.
    pub(crate) async fn shut_down(self) -> Ended {
        self.controller().shutdown(Empty {}).await.unwrap();
        self.ended().await
    }

    /// Waits for the exit. The connection stays open meanwhile.
    pub(crate) async fn ended(self) -> Ended {
        within(self.process.ended()).await
    }

    /// Lets the process be; the connection closes.
    pub(crate) fn disconnect(self) -> Process {
        self.process
    }
}

/// What the provider tells its client.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    /// The line as it came, its end included. In debug mode the value of `TF_REATTACH_PROVIDERS`.
    pub(crate) raw: String,
    /// Path of the socket.
    pub(crate) path: String,
    /// The certificate that the provider will present.
    pub(crate) certificate: Option<CertificateDer<'static>>,
}

impl Handshake {
    /// Fields of the line, in order.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.raw.trim_end_matches('\n').split('|').collect()
    }

    /// Connects with this client certificate; in plain text if the provider told no certificate.
    pub(crate) async fn connect(
        &self,
        identity: Option<&Identity>,
    ) -> Result<Channel, tonic::transport::Error> {
        match &self.certificate {
            Some(certificate) => connect::secure_channel(&self.path, certificate, identity).await,
            None => connect::plain_channel(&self.path).await,
        }
    }

    fn of_line(raw: String) -> Self {
        let fields: Vec<&str> = raw.trim_end_matches('\n').split('|').collect();
        assert!(fields.len() >= 6 && fields[..3] == ["1", "6", "unix"], "{raw:?}");
        let certificate = STANDARD_NO_PAD.decode(fields[5]).unwrap();
        let certificate = (!certificate.is_empty()).then(|| certificate.into());
        Self { path: fields[3].to_owned(), certificate, raw }
    }

    fn of_reattach(raw: &str) -> Self {
        let value: serde_json::Value = serde_json::from_str(raw).unwrap();
        let provider = value.as_object().unwrap().values().next().unwrap();
        let path = provider["Addr"]["String"].as_str().unwrap().to_owned();
        Self { path, certificate: None, raw: raw.to_owned() }
    }
}

/// How a process ended, and all that it said after the handshake.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The process behind a provider.
pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    /// For the socket; a process that is killed leaves it behind.
    _temporary: TempDir,
    /// The program's own, where a shell is the child.
    behind_the_shell: Option<Pid>,
}

impl Process {
    /// Starts the program and reads what it tells, without connecting.
    pub(crate) async fn start(options: Options) -> (Self, Handshake) {
        let debug = options.debug;
        let mut process = Self::spawn(options);
        let handshake = within(process.read_handshake(debug)).await;
        (process, handshake)
    }

    fn spawn(options: Options) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = command(options, temporary.path()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = tokio::spawn(read_all(child.stderr.take().unwrap()));
        Self { child, stdout, stderr, _temporary: temporary, behind_the_shell: None }
    }

    /// Of the program itself.
    pub(crate) fn id(&self) -> Pid {
        self.behind_the_shell
            .unwrap_or_else(|| Pid::from_raw(self.child.id().unwrap().try_into().unwrap()).unwrap())
    }

    /// Kills the process that stands between the test and the program, or the program itself.
    pub(crate) async fn kill_child(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits until nobody holds the other end of stdout, and returns what stderr said.
    pub(crate) async fn closed(mut self) -> String {
        within(read_all(&mut self.stdout)).await;
        within(&mut self.stderr).await.unwrap()
    }

    async fn read_handshake(&mut self, debug: bool) -> Handshake {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).await.unwrap() == 0 {
                panic!("no handshake; stderr: {}", (&mut self.stderr).await.unwrap());
            }
            if let Some(id) = line.strip_prefix("shell: ") {
                self.behind_the_shell = Pid::from_raw(id.trim_end().parse().unwrap());
                continue;
            }
            if !debug {
                return Handshake::of_line(line);
            }
            if let Some((_, rest)) = line.split_once("TF_REATTACH_PROVIDERS='") {
                return Handshake::of_reattach(rest.trim_end().trim_end_matches('\''));
            }
        }
    }

    async fn ended(mut self) -> Ended {
        let stdout = read_all(&mut self.stdout).await;
        let status = self.child.wait().await.unwrap();
        Ended { status, stdout, stderr: (&mut self.stderr).await.unwrap() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The child itself is killed by tokio.
        if let Some(process) = self.behind_the_shell {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Runs the program to its end, without anything that a client does.
pub(crate) async fn run_by_hand(arguments: &[&str]) -> Ended {
    run_by_hand_with(arguments, &[]).await
}

/// Runs the program to its end, with only these variables set of those that a client sets.
pub(crate) async fn run_by_hand_with(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(PROGRAM);
    forget_client(&mut command);
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = within(command.output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn command(options: Options, temporary: &Path) -> Command {
    let mut command = if let Some(script) = options.script {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, PROGRAM]);
        shell
    } else if let Some(file) = &options.callgrind {
        let mut valgrind = Command::new("valgrind");
        let file = format!("--callgrind-out-file={}", file.display());
        valgrind.args(["--quiet", "--tool=callgrind", &file, PROGRAM]);
        valgrind
    } else {
        Command::new(PROGRAM)
    };
    forget_client(&mut command);
    if !options.inherits_environment {
        command.env_clear();
    }
    if options.debug {
        command.arg("--debug");
    } else {
        command.env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "5,6");
        command.env("PLUGIN_MIN_PORT", "10000").env("PLUGIN_MAX_PORT", "25000");
    }
    command.env("TMPDIR", temporary);
    if let Some(identity) = &options.identity {
        command.env("PLUGIN_CLIENT_CERT", identity.pem());
    }
    command.envs(options.environment);
    command.stdin(options.stdin.map_or_else(Stdio::null, |file: File| file.into()));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The tests themselves may run below a client, or with its log on.
fn forget_client(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy();
        if known.starts_with("TF_") || known.starts_with("PLUGIN_") || known.starts_with("NOVITA_") {
            command.env_remove(name);
        }
    }
}

async fn read_all(mut source: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Waits, but not for ever.
pub(crate) async fn within<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(PATIENCE, work).await.expect("it takes far too long")
}
