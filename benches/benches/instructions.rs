//! The rows of the table in instructions, counted by valgrind: the same number in every run. Each row goes through
//! 1,000 messages, so that thousands of instructions are instructions a message.
//!
//! Needs valgrind, and gungraun-runner of the version of gungraun.

/// Everything of gungraun's, whose `main` is not the one here.
mod counted {
    use gungraun::{Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};

    use cti_benches::{Order, Room, Row, Stream, Workload, track_all, track_calls};
    use cti_proto::Protocol;
    use cti_proto::session::Instant;
    use cti_proto::track::Picture;

    const MESSAGES: usize = 1_000;

    fn load(version: u32, order: Order) -> Workload<'static> {
        let protocol = Protocol::cce(version).expect("the version is one of Unified CCE");
        let stream =
            Stream::new(protocol, order, MESSAGES.div_ceil(13)).expect("the stream is allowed").front(MESSAGES);
        // It lives as long as the benchmark.
        Workload::new(Box::leak(Box::new(stream))).expect("the stream decodes")
    }

    macro_rules! rows {
        ($($name:ident $row:ident;)*) => {
            $(
                // The workload is handed back, so that dropping it is not counted.
                #[library_benchmark(setup = load)]
                #[bench::v19(19, Order::Given)]
                #[bench::v19_shuffled(19, Order::Shuffled)]
                #[bench::v24(24, Order::Given)]
                #[bench::v24_shuffled(24, Order::Shuffled)]
                fn $name(mut load: Workload<'static>) -> (u64, Workload<'static>) {
                    (load.run(Row::$row), load)
                }
            )*

            library_benchmark_group!(name = rows, benchmarks = [$($name),*]);
        };
    }

    rows! {
        floor_a FloorA;
        frame_view FrameView;
        floor_b FloorB;
        full_decode Decode;
        full_decode_by_value DecodeByValue;
        catalogue_dispatch Dispatch;
        catalogue_enum Enum;
        encode Encode;
        encode_as_received EncodeReceived;
    }

    type Tracking = (Picture<'static>, Stream);

    /// As many agents as are at work at one time, who have all had a call before.
    fn tracking(agents: usize) -> Tracking {
        let protocol = Protocol::cce(24).expect("the version is one of Unified CCE");
        let calls = MESSAGES.div_ceil(13).max(agents);
        let stream = Stream::of_agents(protocol, agents, calls).expect("the stream is allowed");
        let mut picture = Box::leak(Box::new(Room::new())).picture();
        track_all(&mut picture, Instant::ZERO, &stream);
        (picture, stream.front(MESSAGES))
    }

    #[library_benchmark(setup = tracking)]
    #[bench::agents10(10)]
    #[bench::agents1000(1_000)]
    #[bench::agents10000(10_000)]
    fn calls_tracked((mut picture, stream): Tracking) -> (u64, Tracking) {
        (track_calls(&mut picture, Instant::ZERO, &stream), (picture, stream))
    }

    #[library_benchmark(setup = tracking)]
    #[bench::agents10(10)]
    #[bench::agents1000(1_000)]
    #[bench::agents10000(10_000)]
    fn all_tracked((mut picture, stream): Tracking) -> (u64, Tracking) {
        (track_all(&mut picture, Instant::ZERO, &stream), (picture, stream))
    }

    library_benchmark_group!(name = tracked, benchmarks = [calls_tracked, all_tracked]);

    main!(
        config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]));
        library_benchmark_groups = rows, tracked
    );

    pub(super) fn run() {
        main();
    }
}

fn main() {
    // Cargo's tests run this too; the rows themselves are tested in the library.
    if std::env::args().any(|argument| argument == "--bench" || argument == "--gungraun-run") {
        counted::run();
    }
}
