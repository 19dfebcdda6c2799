// What README.md shows: ReadmeTest compares the two.

package dev.rehome.android

import android.app.AlarmManager
import android.app.Application
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.SystemClock
import dev.rehome.Attempt
import dev.rehome.FileStore
import dev.rehome.RegisterRequest
import dev.rehome.Registrar
import dev.rehome.RegistrationDriver
import dev.rehome.UnregisterRequest
import dev.rehome.ffi.Config
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Status
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import java.io.File

class PhoneApplication : Application() {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    lateinit var driver: RegistrationDriver

    override fun onCreate() {
        super.onCreate()
        val config = Config(srvRecord = "_sip._udp.example.com")
        val store = FileStore(File(noBackupFilesDir, "rehome"))
        driver = RegistrationDriver(config, systemResolver(this), MyRegistrar(), scope, clock = AndroidClock, store = store)
        NetworkWatch(this, driver).start()
        LifeCycle(this, driver, expires = config.refresh.expires).start()
        driver.start()
    }
}

fun setAlarm(context: Context, driver: RegistrationDriver, status: Status) {
    val alarms = context.getSystemService(AlarmManager::class.java)!!
    val ring = PendingIntent.getBroadcast(context, 0, Intent(context, WakeAlarm::class.java), PendingIntent.FLAG_IMMUTABLE)
    val wakeMs = status.wakeMs ?: return alarms.cancel(ring)
    // wakeMs counts from the driver's making, the alarm's clock from boot.
    val atMs = SystemClock.elapsedRealtime() + (wakeMs - driver.nowMs)
    alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, atMs, ring)
}

class WakeAlarm : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val application = context.applicationContext as PhoneApplication
        val pending = goAsync()
        application.scope.launch {
            try {
                application.driver.pushWake(budgetMs = 8_000)
            } finally {
                pending.finish()
            }
        }
    }
}

/** Stands for any stack. */
class MyRegistrar : Registrar {
    override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome = Outcome.Accepted(request.expires)

    override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome = Outcome.Accepted(0)
}
