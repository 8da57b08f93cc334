select day, meter, read_at, power from meter_files.lines
