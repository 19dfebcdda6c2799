import dev.rehome.DnsJavaResolver;
import dev.rehome.RegistrationDriver;
import dev.rehome.ffi.Action;
import dev.rehome.ffi.Input;
import dev.rehome.ffi.Registration;
import dev.rehome.ffi.RehomeKt;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Takes a first step with the packages as they are shipped, and finds their documentation beside them. */
final class Consumer {
    public static void main(String[] arguments) throws Exception {
        var config = RehomeKt.configFromJson("{\"srvRecord\":\"_sip._udp.example.test\"}", null);
        try (var registration = new Registration(config, 1)) {
            List<Action> actions = registration.step(Input.Start.INSTANCE, 0).getActions();
            check(actions.size() == 1 && actions.get(0) instanceof Action.Lookup, "the first step is no lookup: " + actions);
        }
        new DnsJavaResolver();
        documented("/dev/rehome/ffi/rehome.kt", "N: failed REGISTERs in a row before the next target; 1 to 20, default 3");
        documented("/dev/rehome/RegistrationDriver.kt", "A call is up: nothing is moved (rule 6.6).");
        System.out.println("the packages work: " + RegistrationDriver.class.getSimpleName());
    }

    private static void documented(String source, String comment) throws Exception {
        try (InputStream text = Consumer.class.getResourceAsStream(source)) {
            check(text != null, source + " is in no sources jar");
            check(new String(text.readAllBytes(), StandardCharsets.UTF_8).contains(comment), source + " does not say: " + comment);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) throw new AssertionError(otherwise);
    }
}
