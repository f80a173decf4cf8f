-- Calls that the provider has refused as such, its key or its account being another: few, or all of a time. Their ids are in the
-- order of time, so whether a later one was answered is a look at the first of them.
CREATE INDEX operation_shut ON payment.operation (id) WHERE state = 'shut';
