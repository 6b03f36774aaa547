//! `cti decode`: its arguments, and where it reads and writes.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::Args;
use cti_proto::Protocol;
use cti_std::decode::{self, Error, Form, Only, Options, Summary};

use crate::{Product, Status, fail};

const ABOUT: &str = "\
Shows recorded traffic message by message: one line that sums a message up
and its fields beneath, or with --json one JSON object a line.

FILE is recognised by its content:
  hex      lines of hex digits, white space between them as you like;
           `client` or `server` in front of a line tells who sent it,
           `#` begins a comment
  raw      the bytes of one direction of a connection
  capture  pcap or pcapng of Ethernet, Linux cooked, loopback or raw IP;
           connections are put in order, what the capture lacks is
           reported, and decoding goes on behind it

The version of the protocol is the one that the client asks for in OPEN_REQ.
Where a recording has none it is --protocol, and without that the version in
which most messages can be decoded, which is then said on standard error. No
message tells the product: without --product it is Unified CCE, unless Unified
CCX fits better or the port is 12028. While that is being found by trying, up
to 512 messages wait, or 32 if only the product is open.

The offset of a message counts the bytes in front of it in its stream: that
of one side, and in a capture of one connection.

Passwords are hidden, and so are the bytes of damaged messages that may hold
one.";

const AFTER: &str = "\
Examples:
  cti decode session.hex
  cti decode --json --only AGENT_STATE_EVENT monday.pcapng | jq .fixed.AgentState
  tcpdump -i eth0 -U -w - port 42027 | cti decode --product cce -

JSON, one object a line, fields in the order of the wire:
  {\"offset\":0,\"time\":null,\"from\":\"client\",\"protocol\":24,\"type\":3,
   \"name\":\"OPEN_REQ\",\"length\":69,\"fixed\":{\"InvokeID\":1,...},
   \"floating\":[{\"tag\":1,\"name\":\"ClientID\",\"value\":\"wallboard\"},...],
   \"symbols\":{\"ServicesRequested\":\"CTI_SERVICE_ALL_EVENTS\",...}}
Bytes without a type are {\"hex\":\"..\"}. In a capture \"connection\" tells which
one it is. What cannot be decoded is
  {\"offset\":..,\"time\":..,\"from\":..,\"error\":\"..\",\"message\":..,\"field\":..,
   \"hex\":\"..\"}

Exit status:
  0  everything was decoded
  1  something could not be decoded
  2  the input or the arguments cannot be used, or the output cannot be written";

/// Show recorded traffic message by message
#[derive(Debug, Args)]
#[command(long_about = ABOUT, after_long_help = AFTER)]
pub(crate) struct Decode {
    /// Version of the protocol where no OPEN_REQ tells it: 9 to 25, of Unified CCX 10 to 18
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(9..=25))]
    protocol: Option<u32>,

    /// Product that the server is part of
    #[arg(long)]
    product: Option<Product>,

    /// Write JSON, one object a line
    #[arg(long)]
    json: bool,

    /// Show only messages of this name, e.g. AGENT_STATE_EVENT; may be repeated. Errors are shown in any case
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// In a capture, follow connections to this port; may be repeated [default: 42027, 43027, 42030, 43030, 12028, and
    /// wherever an OPEN_REQ is sent]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u16).range(1..))]
    port: Vec<u16>,

    /// Show passwords
    #[arg(long)]
    show_passwords: bool,

    /// Recording to decode; `-` is standard input
    file: PathBuf,
}

impl Decode {
    pub(crate) fn run(self) -> Status {
        let options = match self.options() {
            Ok(options) => options,
            Err(reason) => return fail(&reason),
        };
        let (name, input): (_, Box<dyn Read>) = if self.file.as_os_str() == "-" {
            ("standard input".to_owned(), Box::new(io::stdin().lock()))
        } else {
            let name = self.file.display().to_string();
            match File::open(&self.file) {
                Ok(file) => (name, Box::new(file)),
                Err(error) => return fail(&format!("{name}: {error}")),
            }
        };
        match decode::run(input, &options, &mut io::stdout().lock(), &mut io::stderr().lock()) {
            Ok(Summary { problems: 0, .. }) => Status::Done,
            Ok(_) => Status::Flawed,
            // Whoever reads has seen enough.
            Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::Done,
            Err(error @ Error::Output(_)) => fail(&error.to_string()),
            Err(error) => fail(&format!("{name}: {error}")),
        }
    }

    /// What the arguments ask for.
    fn options(&self) -> Result<Options, String> {
        let mut only = Only::default();
        for name in &self.only {
            only.add(name).map_err(|error| error.to_string())?;
        }
        let product = self.product.map(Into::into);
        if let (Some(version), Some(product)) = (self.protocol, product) {
            Protocol::new(product, version).map_err(|error| error.to_string())?;
        }
        // By the terminal and by NO_COLOR, as everywhere.
        let colour = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let form = if self.json { Form::Json } else { Form::Text { colour } };
        let (protocol, ports, passwords) = (self.protocol, self.port.clone(), self.show_passwords);
        Ok(Options { protocol, product, form, only, ports, passwords })
    }
}
