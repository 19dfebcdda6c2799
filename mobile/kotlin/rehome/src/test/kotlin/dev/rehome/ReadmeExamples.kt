// What README.md shows: ReadmeTest compares the two.

package dev.rehome

import dev.rehome.ffi.Config
import dev.rehome.ffi.FailbackConfig
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.Target
import dev.rehome.ffi.Unreachable
import dev.rehome.ffi.configFromJson
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import java.io.File
import java.io.IOException

fun register(scope: CoroutineScope, stack: Registrar, folder: File): RegistrationDriver {
    val config = Config(srvRecord = "_sip._tcp.example.com", failback = FailbackConfig(holdOffMs = 60_000))
    val driver = RegistrationDriver(config, DnsJavaResolver(), stack, scope, store = FileStore(File(folder, "rehome")))
    scope.launch(start = CoroutineStart.UNDISPATCHED) {
        driver.events.collect { println("${it.atMs} ms, rule ${it.event.rule}: ${it.event.toJson()}") }
    }
    driver.start()
    return driver
}

fun provisioned(json: String): Config = try {
    configFromJson(json, preset = "xima")
} catch (wrong: RehomeException.Config) {
    // rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20
    throw IllegalArgumentException("the provisioning server sent ${wrong.message}", wrong)
}

class StackRegistrar(private val stack: SipStack) : Registrar {
    override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome =
        send(request.target, request.binding, request.expires, attempt)

    override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome =
        send(request.target, request.binding, expires = 0, attempt)

    private suspend fun send(target: Target, binding: Long, expires: Long, attempt: Attempt): Outcome {
        // A connect is of no use once nobody waits; a REGISTER that was sent is, for 32 s.
        val flow = try {
            attempt.whileWanted { stack.connect(target) } ?: return Outcome.NotSent
        } catch (_: IOException) {
            return Outcome.Unreachable(Unreachable.REFUSED)
        }
        val outcome = CompletableDeferred<Outcome>()
        stack.sendRegister(flow, contact = "sip:me-$binding@$flow", expires) { code, granted, retryAfter, minExpires ->
            outcome.complete(if (code in 200..299) Outcome.Accepted(granted) else Outcome.Status(code, retryAfter, minExpires))
        }
        return outcome.await()
    }

    override fun onFlowLost(listener: ((Target) -> Unit)?) {
        stack.onDisconnected = listener
    }
}

suspend fun onPush(driver: RegistrationDriver) {
    val wake = driver.pushWake(budgetMs = 20_000)
    when (wake.end) {
        PushWakeEnd.REGISTERED -> println("the call arrives at ${wake.status.home?.text}, after ${wake.tookMs} ms")
        PushWakeEnd.NOT_YET -> println("no registration in time: ${wake.status.state}; show the call as missed")
        PushWakeEnd.STOPPED -> println("stop() was called here, or the driver is closed")
    }
}

/** Stands for any stack. */
interface SipStack {
    var onDisconnected: ((Target) -> Unit)?

    suspend fun connect(target: Target): String

    fun sendRegister(flow: String, contact: String, expires: Long, answer: (Int, Long?, Long?, Long?) -> Unit)
}
