package simulator

// Lookup is a call that asks which jobs there were.
const Lookup Operation = "lookup"
