//! Links only if nothing that [`exercise`] calls can panic.
//!
//! The panic handler calls a function that nothing defines. Where the optimizer can show that
//! every panic is unreachable, the handler is dropped and the program links; where one panic
//! survives, the linker names the undefined function. The program is never run.
#![no_std]
#![no_main]

mod calls;
mod sessions;
mod trackers;

use core::fmt::{self, Write as _};
use core::hash::{Hash, Hasher};
use core::panic::PanicInfo;

use cti_proto::message::{
    AgentRecord, AgentSkill, AgentStateEvent, AgentTeamConfigEvent, CallConferencedEvent, CallQueuedEvent,
    CallVariables, ClientEventReportConf, ConfigAgentEvent, ConfigAgentServiceEvent, ConfigServiceEvent,
    ConnectedParty, ControlFailureConf, Field, MESSAGES, MakeCallReq, OpenConf, OpenReq, SetCallDataReq,
    SnapshotCallConf, SnapshotDeviceConf, Value,
};
use cti_proto::value::{AgentState, AgentStateMask, CallEventMask, CtiService, FailureStatus, TABLES};
use cti_proto::wire::{Element, Fields, NamedArray, NamedVariable};
use cti_proto::{
    Blame, Body, Bytes, DecodeError, EncodeError, FieldFormat, Frame, FrameBuffer, FrameError, Frames, Handler, List,
    MessageType, Parsed, Product, Protocol, Received, Secret, Text, UnsupportedVersion, encode, encoded_len,
};

unsafe extern "C" {
    /// Defined nowhere. The `check` script looks for this name in the linker's error.
    safe fn a_panic_can_be_reached() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_can_be_reached()
}

/// The program's entry. Nothing calls it, so the compiler knows nothing about its arguments.
///
/// # Safety
///
/// `input` and `output` are valid for their lengths and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn entry(
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_len: usize,
    selector: u32,
) -> u32 {
    // SAFETY: required of the caller.
    let (input, output) =
        unsafe { (core::slice::from_raw_parts(input, input_len), core::slice::from_raw_parts_mut(output, output_len)) };
    #[cfg(feature = "canary")]
    if selector == u32::MAX {
        return u32::from(input[output.len()]);
    }
    exercise(selector, input, output)
}

/// Everything that is proved. Each arm stands for one use of the crate; all data comes from
/// `input`, and every result reaches the return value or `output`, so that nothing is folded away.
fn exercise(selector: u32, input: &[u8], output: &mut [u8]) -> u32 {
    let mut sum = Sum(0);
    let mut input = Input(input);
    let protocol = match protocol(&mut input) {
        Ok(protocol) => protocol,
        Err(error) => {
            sum.print(&error);
            return sum.0;
        }
    };
    match selector {
        0 => cut(protocol, input.0, &mut sum),
        1 => receive(protocol, &mut input, output, &mut sum),
        2 => reencode(protocol, input.0, output, &mut sum),
        3 => dispatch(protocol, input.0, output, &mut sum),
        4 => walk(protocol, input.0, &mut sum),
        5 => typed(protocol, input.0, &mut sum),
        6 => build(protocol, &mut input, output, &mut sum),
        7 => texts(&mut input, &mut sum),
        8 => numbers(&mut input, &mut sum),
        9 => catalogue(protocol, &mut input, &mut sum),
        10 => sessions::client(&mut input, &mut sum),
        11 => sessions::duplex(&mut input, &mut sum),
        12 => sessions::server(&mut input, output, &mut sum),
        13 => calls::calls(protocol, &mut input, &mut sum),
        14 => trackers::agents(protocol, &mut input, &mut sum),
        15 => trackers::queues(protocol, &mut input, &mut sum),
        16 => trackers::configuration(protocol, &mut input, &mut sum),
        _ => print_messages(protocol, input.0, &mut sum),
    }
    sum.0
}

// ---- streams --------------------------------------------------------------------------------------

fn cut(protocol: Protocol, bytes: &[u8], sum: &mut Sum) {
    match Frame::parse(protocol, bytes) {
        Ok(Parsed::Frame(frame, rest)) => {
            sum.frame(&frame);
            sum.bytes(rest);
        }
        Ok(Parsed::More(missing)) => sum.add(missing),
        Err(error) => sum.frame_error(error),
    }
    let mut frames = Frames::new(protocol, bytes);
    for frame in frames.by_ref() {
        match frame {
            Ok(frame) => sum.frame(&frame),
            Err(error) => sum.frame_error(error),
        }
    }
    sum.bytes(frames.rest());
}

fn receive(protocol: Protocol, input: &mut Input<'_>, buffer: &mut [u8], sum: &mut Sum) {
    let mut frames = FrameBuffer::new(buffer);
    loop {
        let size = input.byte();
        let mut chunk = input.bytes(usize::from(size >> 2));
        match size & 3 {
            0 => frames.clear(),
            1 => {
                let space = frames.space();
                for (place, byte) in space.iter_mut().zip(chunk) {
                    *place = *byte;
                }
                frames.commit(input.number() as usize);
            }
            _ => {
                while !chunk.is_empty() {
                    let taken = frames.receive(chunk);
                    chunk = chunk.get(taken..).unwrap_or_default();
                    if taken == 0 {
                        break;
                    }
                }
            }
        }
        loop {
            match frames.next_frame(protocol) {
                Ok(Some(Received::Frame(frame))) => sum.frame(&frame),
                Ok(Some(Received::Skipped { message, length })) => {
                    sum.number(message.0);
                    sum.number(length);
                }
                Ok(Some(_) | None) => break,
                Err(error) => return sum.frame_error(error),
            }
        }
        sum.add(frames.pending());
        if input.0.is_empty() {
            break;
        }
    }
}

// ---- messages -------------------------------------------------------------------------------------

/// Decodes any message to the large enum, and writes it again.
fn reencode(protocol: Protocol, bytes: &[u8], output: &mut [u8], sum: &mut Sum) {
    let Ok(Parsed::Frame(frame, rest)) = Frame::parse(protocol, bytes) else {
        return;
    };
    match frame.message() {
        Ok(message) => {
            sum.number(message.message_type().0);
            message.dispatch(&mut Again { protocol, output, sum });
            let other = Frame::new(protocol, frame.message_type(), rest).message();
            sum.add(usize::from(other == Ok(message)));
        }
        Err(error) => sum.decode_error(error),
    }
}

/// The same without the enum.
fn dispatch(protocol: Protocol, bytes: &[u8], output: &mut [u8], sum: &mut Sum) {
    for frame in Frames::new(protocol, bytes).flatten() {
        if let Err(error) = frame.dispatch(&mut Again { protocol, output, sum }) {
            sum.decode_error(error);
        }
    }
}

/// Writes what it is handed, and measures it.
struct Again<'o> {
    protocol: Protocol,
    output: &'o mut [u8],
    sum: &'o mut Sum,
}

impl Handler for Again<'_> {
    type Output = ();

    fn message<'a, M: Body<'a>>(&mut self, message: &M) {
        match encode(self.protocol, message, self.output) {
            Ok(bytes) => self.sum.bytes(bytes),
            Err(error) => self.sum.encode_error(error),
        }
        match encoded_len(self.protocol, message) {
            Ok(length) => self.sum.add(length),
            Err(error) => self.sum.encode_error(error),
        }
    }

    fn other(&mut self, frame: &Frame<'_>) {
        self.sum.frame(frame);
    }
}

/// Every field by name.
fn walk(protocol: Protocol, bytes: &[u8], sum: &mut Sum) {
    for frame in Frames::new(protocol, bytes).flatten() {
        for field in frame.fields() {
            match field {
                Ok(field) => sum.field(&field),
                Err(error) => sum.decode_error(error),
            }
        }
        let mut fields = Fields::new(protocol, frame.body());
        for field in fields.by_ref() {
            sum.number(field.tag.into());
            sum.bytes(field.data);
        }
        sum.add(fields.truncated_tag().map_or(0, usize::from));
        sum.bytes(fields.rest());
    }
}

/// Messages named by the caller, with their lists walked: fields in a row, columns, lists within records.
fn typed(protocol: Protocol, bytes: &[u8], sum: &mut Sum) {
    let Ok(Parsed::Frame(frame, _)) = Frame::parse(protocol, bytes) else {
        return;
    };
    if let Some(event) = sum.decoded(frame.decode::<ConfigAgentEvent>()) {
        sum.list(&event.records);
        for record in event.records {
            sum.text(record.login_id);
            sum.list(&record.skills);
            sum.list(&record.mrds);
            for skill in &record.skills {
                sum.number(skill.number);
                sum.number(skill.priority.into());
            }
        }
    }
    if let Some(event) = sum.decoded(frame.decode::<ConfigServiceEvent>()) {
        event.records.iter().for_each(|record| sum.list(&record.members));
    }
    if let Some(event) = sum.decoded(frame.decode::<ConfigAgentServiceEvent>()) {
        event.records.iter().for_each(|record| sum.list(&record.enabled_services));
    }
    if let Some(event) = sum.decoded(frame.decode::<CallConferencedEvent>()) {
        sum.list(&event.connected_parties);
        for party in event.connected_parties {
            sum.number(party.call_id);
            sum.text(Some(party.device_id));
        }
    }
    if let Some(conf) = sum.decoded(frame.decode::<SnapshotCallConf>()) {
        sum.list(&conf.call_devices);
        sum.list(&conf.named_variables);
        sum.list(&conf.named_arrays);
        sum.list(&conf.cti_clients);
    }
    if let Some(conf) = sum.decoded(frame.decode::<SnapshotDeviceConf>()) {
        sum.list(&conf.calls);
    }
    if let Some(event) = sum.decoded(frame.decode::<AgentStateEvent>()) {
        sum.list(&event.flt_skill_groups);
        sum.print(&event.agent_state);
    }
    if let Some(event) = sum.decoded(frame.decode::<CallQueuedEvent>()) {
        sum.list(&event.skill_groups);
    }
    if let Some(event) = sum.decoded(frame.decode::<AgentTeamConfigEvent>()) {
        sum.list(&event.agents);
    }
    if let Some(conf) = sum.decoded(frame.decode::<OpenConf>()) {
        sum.list(&conf.peripherals);
    }
    if let Some(conf) = sum.decoded(frame.decode::<ClientEventReportConf>()) {
        sum.number(conf.invoke_id);
    }
    if let Some(conf) = sum.decoded(frame.decode::<ControlFailureConf>()) {
        sum.print(&conf.failure_code);
    }
}

/// Messages made by the caller, from slices of run-time length.
fn build<'a>(protocol: Protocol, input: &mut Input<'a>, output: &mut [u8], sum: &mut Sum) {
    let mut again = Again { protocol, output, sum };
    let mut variables = [NamedVariable::default(); 40];
    for variable in &mut variables {
        *variable = NamedVariable { name: input.text(), value: input.text() };
    }
    let mut arrays = [NamedArray::default(); 20];
    for array in &mut arrays {
        *array = NamedArray { index: input.byte(), name: input.text(), value: input.text() };
    }
    let variables = variables.get(..usize::from(input.byte())).unwrap_or(&variables);
    let arrays = arrays.get(..usize::from(input.byte())).unwrap_or(&arrays);
    again.message(&MakeCallReq {
        invoke_id: input.number(),
        peripheral_id: input.number(),
        agent_instrument: input.optional(),
        dialed_number: input.optional(),
        named_variables: variables.into(),
        named_arrays: List::new(arrays),
        ..MakeCallReq::default()
    });
    again.message(&SetCallDataReq {
        connection_device_id: input.optional(),
        call_variables: CallVariables([input.optional(); 10]),
        user_to_user_info: input.optional().map(|text: Text<'_>| Bytes(text.raw())),
        named_variables: List::new(variables),
        ..SetCallDataReq::default()
    });
    again.message(&OpenReq {
        version_number: protocol.version(),
        services_requested: CtiService(input.number()),
        client_id: input.optional(),
        client_password: input.optional().map(|text: Text<'_>| Secret(Bytes(text.raw()))),
        ..OpenReq::default()
    });

    let mut parties = [ConnectedParty::default(); 20];
    for party in &mut parties {
        party.call_id = input.number();
        party.device_id = input.text();
    }
    let parties = parties.get(..usize::from(input.byte())).unwrap_or(&parties);
    again.message(&CallConferencedEvent {
        primary_device_id: input.optional(),
        secondary_device_id: input.optional(),
        connected_parties: parties.into(),
        ..CallConferencedEvent::default()
    });

    let mut skills = [AgentSkill::default(); 30];
    for skill in &mut skills {
        *skill = AgentSkill { number: input.number(), priority: input.byte().into() };
    }
    let mut records = [AgentRecord::default(); 12];
    for record in &mut records {
        record.login_id = input.optional();
        record.skills = List::new(skills.get(..usize::from(input.byte())).unwrap_or(&skills));
    }
    let records = records.get(..usize::from(input.byte())).unwrap_or(&records);
    again.message(&ConfigAgentEvent { records: records.into(), ..ConfigAgentEvent::default() });
}

/// Any message in words.
fn print_messages(protocol: Protocol, bytes: &[u8], sum: &mut Sum) {
    for frame in Frames::new(protocol, bytes).flatten() {
        sum.print_debug(&frame);
        if let Ok(message) = frame.message() {
            sum.print_debug(&message);
        }
    }
}

// ---- values ---------------------------------------------------------------------------------------

fn texts(input: &mut Input<'_>, sum: &mut Sum) {
    let (text, other) = (input.text(), input.text());
    sum.bytes(text.as_bytes());
    sum.bytes(text.raw());
    sum.bytes(text.to_str().unwrap_or_default().as_bytes());
    sum.add(usize::from(text.is_empty()));
    sum.add(usize::from(text == other));
    sum.add(usize::from(text == other.to_str().unwrap_or_default()));
    sum.add(text.cmp(&other) as usize);
    text.hash(sum);
    sum.print(&text);
    sum.print_debug(&text);
    sum.print_debug(&Bytes(text.raw()));
    sum.print_debug(&Secret(text));
    sum.add(Bytes(text.raw()).len());
    let variable = NamedVariable::from_data(text.raw());
    sum.print_debug(&variable);
    sum.add(usize::from(NamedArray::from_data(text.raw()) == NamedArray::from_data(other.raw())));
}

fn numbers(input: &mut Input<'_>, sum: &mut Sum) {
    let (number, text) = (input.number(), input.text());
    let name = text.to_str().unwrap_or_default();
    sum.print(&MessageType(number));
    sum.bytes(MessageType(number).name().unwrap_or_default().as_bytes());
    sum.number(MessageType::from_name(name).unwrap_or_default().0);
    sum.number(FailureStatus::from_name(name).unwrap_or_default().0);
    sum.bytes(FailureStatus(number).explain().as_bytes());
    sum.print(&AgentState(number as u16));

    let (mask, other) = (CallEventMask(number), CallEventMask(input.number()));
    sum.print(&mask);
    sum.number((mask | other).0);
    sum.number((mask & other).0);
    sum.number(mask.without(other).unknown_bits().0);
    sum.add(usize::from(mask.contains(other)) + usize::from(mask.intersects(other)));
    sum.print(&AgentStateMask(number));
    sum.print(&CtiService(number));
    for table in TABLES {
        sum.print(&table.describe(number));
        sum.bytes(table.name_of(number).unwrap_or_default().as_bytes());
    }
}

/// What is known of messages, as data.
fn catalogue(protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    sum.print(&protocol);
    sum.add(protocol.max_message());
    let (tag, name) = (input.number() as u16, input.text());
    let name = name.to_str().unwrap_or_default();
    for info in MESSAGES {
        sum.add(usize::from(info.versions.include(protocol)));
        for field in info.fixed_in(protocol) {
            field.names().for_each(|name| sum.print(&name));
        }
        if let Some(field) = info.field(protocol, tag) {
            sum.print(&field.rule.name);
            sum.bytes(field.rule.data_type.name().as_bytes());
            sum.add(field.rule.max_in(protocol));
            sum.add(usize::from(field.rule.name == *name));
        }
    }
}

// ---- input and output -----------------------------------------------------------------------------

/// Any protocol: both products, all versions, all formats.
fn protocol(input: &mut Input<'_>) -> Result<Protocol, UnsupportedVersion> {
    let product = if input.byte() & 1 == 0 { Product::Cce } else { Product::Ccx };
    let protocol = Protocol::new(product, input.number())?;
    Ok(match input.byte() {
        0 => protocol.with_format(FieldFormat::Narrow),
        1 => protocol.with_format(FieldFormat::Wide),
        2 => protocol.with_format(FieldFormat::WideTag),
        3 => protocol.with_format(FieldFormat::WideTagNamedNarrow),
        _ => protocol,
    })
}

/// Takes values from the front of the input; zeros and nothing when it is over.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    fn number(&mut self) -> u32 {
        self.bytes(4).iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    fn text(&mut self) -> Text<'a> {
        let length = self.byte();
        Text::new(self.bytes(length.into()))
    }

    fn optional(&mut self) -> Option<Text<'a>> {
        (self.byte() & 1 == 1).then(|| self.text())
    }
}

/// A sum over everything that was seen.
struct Sum(u32);

impl Sum {
    fn number(&mut self, number: u32) {
        self.0 = self.0.rotate_left(5) ^ number;
    }

    fn add(&mut self, number: usize) {
        self.number(number as u32);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.number(u32::from(*byte)));
    }

    fn text(&mut self, text: Option<Text<'_>>) {
        self.bytes(text.unwrap_or_default().as_bytes());
    }

    fn print(&mut self, value: &dyn fmt::Display) {
        let result = write!(self, "{value}");
        self.add(usize::from(result.is_ok()));
    }

    fn print_debug(&mut self, value: &dyn fmt::Debug) {
        let result = write!(self, "{value:?}");
        self.add(usize::from(result.is_ok()));
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.number(frame.message_type().0);
        self.bytes(frame.body());
        self.add(frame.info().map_or(0, |info| info.fixed.len()));
    }

    fn list<'a, T: Element<'a>>(&mut self, list: &List<'a, T>) {
        self.add(list.len());
        self.add(usize::from(list.is_empty()));
        self.add(list.declared().map_or(0, usize::from));
        for item in list {
            self.print_debug(&item);
        }
    }

    fn field(&mut self, field: &Field<'_>) {
        if let Some(name) = field.name {
            self.print(&name);
        }
        if let Some(symbol) = field.symbol() {
            self.print(&symbol);
        }
        self.number(field.tag.unwrap_or_default().into());
        self.bytes(field.data_type.name().as_bytes());
        self.print(&field.value);
        self.value(field.value);
    }

    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Number(number) => self.number(number),
            Value::Signed(number) => self.number(number as u32),
            Value::Text(text) => self.bytes(text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(&bytes),
            Value::NamedVariable(variable) => {
                self.text(Some(variable.name));
                self.text(Some(variable.value));
            }
            Value::NamedArray(array) => {
                self.number(array.index.into());
                self.text(Some(array.name));
                self.text(Some(array.value));
            }
            Value::Numbers(numbers) => {
                for value in numbers.iter() {
                    self.print(&value);
                }
            }
            _ => {}
        }
    }

    fn decoded<'a, M: Body<'a>>(&mut self, result: Result<M, DecodeError>) -> Option<M> {
        result.map_err(|error| self.decode_error(error)).ok()
    }

    fn decode_error(&mut self, error: DecodeError) {
        self.add(error.offset);
        self.blame(error.blame());
        if let Some(field) = error.field() {
            self.print(&field);
        }
        self.print(&error);
        self.print_debug(&error);
    }

    fn encode_error(&mut self, error: EncodeError) {
        self.blame(error.blame());
        self.print(&error);
        self.print_debug(&error);
    }

    fn frame_error(&mut self, error: FrameError) {
        self.blame(error.blame());
        self.print(&error);
        self.print_debug(&error);
    }

    fn blame(&mut self, blame: Blame) {
        self.add(match blame {
            Blame::Usage => 1,
            Blame::Peer => 2,
            Blame::Capacity => 3,
            _ => 4,
        });
    }
}

impl fmt::Write for Sum {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

impl Hasher for Sum {
    fn finish(&self) -> u64 {
        self.0.into()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
    }
}
