import dev.rehome.ffi.Config;
import dev.rehome.ffi.Input;
import dev.rehome.ffi.Registration;
import dev.rehome.ffi.RehomeKt;

/** Runs the Rust core through what R8 left of the bindings: calls, structures, and an error's text. */
class Shrunk {
    public static void main(String[] arguments) throws Exception {
        Config config = RehomeKt.configFromJson("{\"srvRecord\":\"_sip._udp.example.test\"}", null);
        try (Registration registration = new Registration(config, 5)) {
            if (registration.step(Input.Start.INSTANCE, 0).getActions().size() != 1) throw new AssertionError("no lookup");
        }
        try {
            RehomeKt.configFromJson("{\"srvRecord\":5}", null);
            throw new AssertionError("5 is no name");
        } catch (Exception error) {
            if (!error.getMessage().startsWith("srvRecord")) throw new AssertionError(error);
            System.out.println("shrunk, it runs; and says: " + error.getMessage());
        }
    }
}
