package dev.rehome.phone

import dev.rehome.DnsJavaResolver
import dev.rehome.RegistrationDriver
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.configFromJson
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.Executors
import kotlin.system.exitProcess

/** How long a phone whose commands have ended may take to unregister. */
private const val GOODBYE_MS = 10_000L
private const val COMMANDS =
    "start, stop, login, tryPrimary, busy, idle, networkDown, networkChanged, resumed, status and configure (with config)"

/** Reads commands as JSON lines, registers as the policy says, reports as JSON lines; as the native phone does. */
fun main(arguments: Array<String>) {
    val code = try {
        val options = Options.parse(arguments)
        // The driver's own thread: one, and nothing on it blocks.
        Executors.newSingleThreadExecutor().asCoroutineDispatcher().use { runBlocking(it) { Phone(options, this).run() } }
        0
    } catch (error: Exception) {
        if (error !is Usage && error !is RehomeException) throw error
        System.err.println("rehome-phone: ${error.message}")
        1
    }
    // JAIN SIP's threads would not end.
    exitProcess(code)
}

/** The local address that leads to this one. */
private fun localAddress(to: InetSocketAddress): InetAddress = DatagramSocket().use {
    it.connect(to)
    it.localAddress
}

private class Phone(private val options: Options, private val scope: CoroutineScope) {
    private val reports = Reports { line ->
        println(line)
        System.out.flush()
    }
    private val resolver = DnsJavaResolver(options.dns)
    private val registrar = JainRegistrar(options.account, resolver, localAddress(options.dns), options.tls)
    private val driver = RegistrationDriver(options.config, resolver, registrar, scope, options.seed)

    suspend fun run(): Unit = coroutineScope {
        val telling = launch(start = CoroutineStart.UNDISPATCHED) { driver.steps.collect(reports::step) }
        reports.ready(options.account.user)
        if (options.start) driver.start()
        while (true) {
            val line = runInterruptible(Dispatchers.IO) { readlnOrNull() } ?: break
            if (line.isNotBlank()) obey(line)
        }
        withTimeoutOrNull(GOODBYE_MS) { driver.stop() }
        driver.close()
        telling.cancel()
    }

    private fun obey(line: String) {
        try {
            val command = Json.parseToJsonElement(line) as? JsonObject ?: return misunderstood(line)
            when ((command["command"] as? JsonPrimitive)?.content) {
                "start" -> driver.start()
                // Not waited for: other commands may follow.
                "stop" -> scope.launch { driver.stop() }
                "login" -> driver.agentLogin()
                "tryPrimary" -> driver.tryPrimary()
                "busy" -> driver.busy()
                "idle" -> driver.idle()
                "networkDown" -> {
                    registrar.dropFlows()
                    driver.networkDown()
                }
                "networkChanged" -> {
                    registrar.dropFlows()
                    driver.networkChanged()
                }
                "resumed" -> driver.resumed()
                "status" -> reports.status(driver.nowMs, driver.status.value)
                "configure" -> driver.configure(configFromJson(command["config"].toString()))
                else -> misunderstood(line)
            }
        } catch (_: SerializationException) {
            misunderstood(line)
        } catch (error: RehomeException) {
            reports.error(driver.nowMs, "${error.message}")
        }
    }

    private fun misunderstood(line: String) = reports.error(
        driver.nowMs,
        "command \"$line\" is not understood; write one line of JSON such as {\"command\":\"start\"}; the commands are $COMMANDS",
    )
}
