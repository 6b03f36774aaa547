//! The rows of the table by criterion, which keeps them and compares them with the run before.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};

use cti_benches::{CALLS, ORDERS, Row, Stream, VERSIONS, Workload};
use cti_proto::Protocol;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Without cargo's `--bench` criterion only runs everything once, for which a short stream does.
    let calls = if std::env::args().any(|argument| argument == "--bench") { CALLS } else { 20 };
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for version in VERSIONS {
        for order in ORDERS {
            let protocol = Protocol::cce(version)?;
            let stream = Stream::new(protocol, order, calls)?;
            let mut load = Workload::new(&stream)?;
            let mut group = criterion.benchmark_group(format!("{protocol}, {order}"));
            for row in Row::ALL {
                let (messages, _) = load.size(row);
                group.throughput(Throughput::Elements(messages as u64));
                group.bench_function(BenchmarkId::from_parameter(row), |bencher| bencher.iter(|| load.run(row)));
            }
        }
    }
    criterion.final_summary();
    Ok(())
}
